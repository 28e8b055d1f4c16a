use connector_core::{ColumnTypes, Value};

#[derive(ColumnTypes)]
#[column_types(raw = Value<'_>)]
enum ShopType {
    #[column_type("INTEGER", field = Int)]
    Integer,
}

fn main() {}
