//! Postgres' types: what they become, and how their values get there from either wire form.
//!
//! [`PostgresType`] is the table; [`TypeCatalog`] finds a column's type by the numbers that the server gives and makes its
//! [`Decoder`]; [`PgValue`] is a value as it was sent. The two forms of a stored value always become the same value.
//!
//! The text forms are read as every session of [`wire`](crate::wire) writes them: in UTF-8, with `DateStyle = 'ISO, YMD'`,
//! `extra_float_digits` of at least 1 and `lc_monetary = 'C'`; `IntervalStyle` may be `postgres` or `iso_8601`, `bytea_output`
//! and `TimeZone` anything. Binary forms depend on the encoding alone.

mod builtin;
mod casts;
mod catalog;
mod cursor;
mod decoder;
mod lend;
mod nested;
mod size;
mod table;
mod value;
mod widening;

#[cfg(test)]
mod tests;

pub use catalog::{TypeCatalog, TypeField, TypeInfo, TypeKind, TypeOptions};
pub use decoder::Decoder;
pub use size::{Precision, Scale};
pub use table::PostgresType;
pub use value::PgValue;
pub(crate) use widening::{Widening, widens};
