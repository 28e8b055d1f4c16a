// The name of a type stands in quotes.
use connector_core::ColumnTypes;

#[derive(ColumnTypes)]
enum ShopType {
    #[column_type(INTEGER, field = Int)]
    Integer,
}

fn main() {}
