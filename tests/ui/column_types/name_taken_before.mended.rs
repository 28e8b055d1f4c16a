use connector_core::ColumnTypes;

#[derive(ColumnTypes)]
enum ShopType {
    #[column_type("ENUM(..)", field = Text)]
    Enum,
    #[column_type("SWITCH(a, b)", field = Boolean)]
    Switch,
}

fn main() {}
