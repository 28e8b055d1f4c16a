// Under `ignore_case`, names that differ by case alone are one.
use connector_core::ColumnTypes;

#[derive(ColumnTypes)]
#[column_types(ignore_case)]
enum ShopType {
    #[column_type("TEXT", field = Text)]
    Text,
    #[column_type("CHAR", "text", field = String)]
    Char,
}

fn main() {}
