use connector_core::ColumnTypes;

#[derive(ColumnTypes)]
enum ShopType {
    #[column_type("INTEGER", field = Int)]
    Integer,
    #[column_type("BOOLEAN", field = Boolean)]
    Boolean,
}

fn main() {}
