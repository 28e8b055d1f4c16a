// The attribute of a variant is `column_type`, without an s.
use connector_core::ColumnTypes;

#[derive(ColumnTypes)]
enum ShopType {
    #[column_types("INTEGER", field = Int)]
    Integer,
}

fn main() {}
