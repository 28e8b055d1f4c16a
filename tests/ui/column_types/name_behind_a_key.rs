// The names of a type stand before its keys.
use connector_core::ColumnTypes;

#[derive(ColumnTypes)]
enum ShopType {
    #[column_type("INTEGER", field = Int, "INT")]
    Integer,
}

fn main() {}
