// The name of a type is not empty.
use connector_core::ColumnTypes;

#[derive(ColumnTypes)]
enum ShopType {
    #[column_type("", field = Int)]
    Integer,
}

fn main() {}
