use connector_core::ColumnValue;

#[derive(ColumnValue)]
#[column_value(crate = ::connector_core)]
struct Price(
    String,
);

fn main() {}
