use connector_core::ColumnTypes;

#[derive(ColumnTypes)]
enum ShopType {
    #[column_type("ENUM(values)", field = Text)]
    Enum { values: String },
}

fn main() {}
