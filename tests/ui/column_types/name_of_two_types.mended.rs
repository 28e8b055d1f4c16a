use connector_core::ColumnTypes;

#[derive(ColumnTypes)]
enum ShopType {
    #[column_type("INTEGER", "INT", field = Int)]
    Integer,
    #[column_type("SMALLINT", field = Int8)]
    Small,
}

fn main() {}
