// The attribute of a newtype stands on the struct.
use connector_core::ColumnValue;

#[derive(ColumnValue)]
struct Price(
    #[column_value(crate = ::connector_core)]
    String,
);

fn main() {}
