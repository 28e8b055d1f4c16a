// A type is found by its name in the system.
use connector_core::ColumnTypes;

#[derive(ColumnTypes)]
enum ShopType {
    #[column_type(field = Int)]
    Integer,
}

fn main() {}
