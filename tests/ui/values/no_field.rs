// A newtype wraps a value.
use connector_core::ColumnValue;

#[derive(ColumnValue)]
struct Amount;

fn main() {}
