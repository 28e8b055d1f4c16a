// A type becomes a field type, or says why not.
use connector_core::ColumnTypes;

#[derive(ColumnTypes)]
enum ShopType {
    #[column_type("INTEGER")]
    Integer,
}

fn main() {}
