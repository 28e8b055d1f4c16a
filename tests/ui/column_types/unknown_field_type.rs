// A type becomes one of the field types.
use connector_core::ColumnTypes;

#[derive(ColumnTypes)]
enum ShopType {
    #[column_type("INTEGER", field = Integer)]
    Integer,
}

fn main() {}
