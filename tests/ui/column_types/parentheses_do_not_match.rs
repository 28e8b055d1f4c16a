// The parentheses of a name match.
use connector_core::ColumnTypes;

#[derive(ColumnTypes)]
enum ShopType {
    #[column_type("VARCHAR(n", field = String)]
    Varchar,
}

fn main() {}
