use connector_core::ColumnValue;

#[derive(ColumnValue)]
struct Amount(i64);

fn main() {}
