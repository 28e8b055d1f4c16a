// A driver's raw value is one that core can cast.
use connector_core::ColumnTypes;

#[derive(ColumnTypes)]
#[column_types(raw = &'_ [u8])]
enum ShopType {
    #[column_type("INTEGER", field = Int)]
    Integer,
}

fn main() {}
