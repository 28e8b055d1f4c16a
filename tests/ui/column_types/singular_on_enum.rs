// The attribute of the enum is `column_types`, with an s.
use connector_core::ColumnTypes;

#[derive(ColumnTypes)]
#[column_type(ignore_case)]
enum ShopType {
    #[column_type("INTEGER", field = Int)]
    Integer,
}

fn main() {}
