// A column is one value, so a newtype has one field.
use connector_core::ColumnValue;

#[derive(ColumnValue)]
struct Amount(i64, u8);

fn main() {}
