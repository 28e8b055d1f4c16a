use connector_core::ColumnTypes;

#[derive(ColumnTypes)]
#[column_types(ignore_case)]
enum ShopType {
    #[column_type("INTEGER", field = Int)]
    Integer,
}

fn main() {}
