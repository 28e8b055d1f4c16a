// A system has at least one column type.
use connector_core::ColumnTypes;

#[derive(ColumnTypes)]
enum ShopType {}

fn main() {}
