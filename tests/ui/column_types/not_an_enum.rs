// The column types of a system are the variants of an enum.
use connector_core::ColumnTypes;

#[derive(ColumnTypes)]
struct ShopType;

fn main() {}
