// A type with parameters is named with them.
use connector_core::ColumnTypes;

#[derive(ColumnTypes)]
enum ShopType {
    #[column_type("VARCHAR", field = String)]
    Varchar { length: u32 },
}

fn main() {}
