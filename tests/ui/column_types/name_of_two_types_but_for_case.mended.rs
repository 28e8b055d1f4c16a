use connector_core::ColumnTypes;

#[derive(ColumnTypes)]
#[column_types(ignore_case)]
enum ShopType {
    #[column_type("TEXT", field = Text)]
    Text,
    #[column_type("CHAR", field = String)]
    Char,
}

fn main() {}
