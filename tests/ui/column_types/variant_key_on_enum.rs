// A key of a variant stands on the variant.
use connector_core::ColumnTypes;

#[derive(ColumnTypes)]
#[column_types(field = Int)]
enum ShopType {
    #[column_type("INTEGER")]
    Integer,
}

fn main() {}
