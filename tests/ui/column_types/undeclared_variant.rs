// Each variant says which type it is.
use connector_core::ColumnTypes;

#[derive(ColumnTypes)]
enum ShopType {
    #[column_type("INTEGER", field = Int)]
    Integer,
    Boolean,
}

fn main() {}
