// A name that an earlier one takes with any parameters is never found.
use connector_core::ColumnTypes;

#[derive(ColumnTypes)]
enum ShopType {
    #[column_type("ENUM(..)", field = Text)]
    Enum,
    #[column_type("ENUM(a, b)", field = Boolean)]
    Switch,
}

fn main() {}
