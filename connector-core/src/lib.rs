//! Sources as data.

mod cast;
mod columns;
pub mod error;
mod types;
mod value;

pub use columns::{Bitmap, Column, ColumnData, ColumnParts};
pub use error::{Error, ErrorKind, Result};
pub use types::{DecimalSize, FieldType, TimeUnit, UnknownFieldType};
pub use value::{Date, Decimal, Duration, Field, I256, Misfit, Point, Time, Timestamp, Value};
