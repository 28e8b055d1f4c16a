// A newtype wraps a type that a column can hold.
use connector_core::ColumnValue;

#[derive(ColumnValue)]
struct Tags(Vec<String>);

fn main() {}
