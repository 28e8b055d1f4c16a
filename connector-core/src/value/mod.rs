//! Single values: what a driver hands over, what a record holds, and the types of the values in them.

mod borrowed;
mod calendar;
#[cfg(feature = "chrono")]
mod chrono;
mod date;
mod decimal;
mod decimal_text;
mod duration;
mod field;
mod float_text;
mod int256;
#[cfg(feature = "jiff")]
mod jiff;
mod json;
mod misfit;
mod point;
mod scan;
mod text_form;
mod time;
mod timestamp;
mod utf8;
#[cfg(feature = "uuid")]
mod uuid;
mod uuid_text;

pub use borrowed::Value;
pub use date::Date;
pub use decimal::Decimal;
pub use duration::Duration;
pub use field::Field;
pub use int256::I256;
pub use misfit::Misfit;
pub use point::Point;
pub use time::Time;
pub use timestamp::Timestamp;
pub use utf8::utf8;

pub(crate) use decimal_text::DecimalText;
pub(crate) use float_text::{FloatText, parse as parse_float};
pub(crate) use json::string as json_string;
pub(crate) use uuid_text::UuidText;

#[cfg(test)]
mod tests;
