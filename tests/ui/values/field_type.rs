// A newtype becomes what it wraps does; a row declares another type.
use connector_core::ColumnValue;

#[derive(ColumnValue)]
#[column_value(field = Decimal(10, 2))]
struct Price(String);

fn main() {}
