// A mistyped key is told once, and nothing that follows from it.
use connector_core::ColumnTypes;

#[derive(ColumnTypes)]
enum ShopType {
    #[column_type("INTEGER", feild = Int)]
    Integer,
}

fn main() {}
