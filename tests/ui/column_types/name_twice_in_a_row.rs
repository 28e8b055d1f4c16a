// A type lists each of its names once.
use connector_core::ColumnTypes;

#[derive(ColumnTypes)]
#[column_types(ignore_case)]
enum ShopType {
    #[column_type("INTEGER", "integer", field = Int)]
    Integer,
}

fn main() {}
