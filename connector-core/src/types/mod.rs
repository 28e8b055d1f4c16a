//! The types that a column can have.

mod field_type;

pub use field_type::{DecimalSize, FieldType, TimeUnit, UnknownFieldType};
