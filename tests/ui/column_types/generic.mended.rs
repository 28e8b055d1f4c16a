use connector_core::ColumnTypes;

#[derive(ColumnTypes)]
enum ShopType {
    #[column_type("INTEGER", field = Int)]
    Integer,
    #[column_type("OTHER(p)", field = Text)]
    Other { p: String },
}

fn main() {}
