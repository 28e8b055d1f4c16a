// A parameter is read as a type that is made from text.
use connector_core::ColumnTypes;

#[derive(ColumnTypes)]
enum ShopType {
    #[column_type("ENUM(values)", field = Text)]
    Enum { values: Vec<String> },
}

fn main() {}
