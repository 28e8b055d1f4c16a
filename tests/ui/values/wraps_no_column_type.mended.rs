use connector_core::ColumnValue;

#[derive(ColumnValue)]
struct Tags(String);

fn main() {}
