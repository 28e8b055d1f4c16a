//! Postgres' types: what they become, and how their values get there from either wire form.
//!
//! [`PostgresType`] is the table; [`TypeCatalog`] finds a column's type by the numbers that the server gives and makes its
//! [`Decoder`]; [`PgValue`] is a value as it was sent. The two forms of a stored value always become the same value.
//!
//! The text forms are read as a session writes them with [`SESSION`].

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

#[cfg(test)]
mod tests;

pub use catalog::{TypeCatalog, TypeField, TypeInfo, TypeKind, TypeOptions};
pub use decoder::Decoder;
pub use size::{Precision, Scale};
pub use table::PostgresType;
pub use value::PgValue;

/// What a session must set for its text forms to be read; binary forms depend on the encoding alone.
///
/// `IntervalStyle` may be `postgres` or `iso_8601`, `bytea_output` either.
pub const SESSION: [(&str, &str); 5] = [
    ("client_encoding", "UTF8"),
    ("DateStyle", "ISO, YMD"),
    ("IntervalStyle", "postgres"),
    ("extra_float_digits", "3"),
    ("lc_monetary", "C"),
];
