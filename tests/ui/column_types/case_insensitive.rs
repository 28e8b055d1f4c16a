// Names that are found in any case are told by `ignore_case`.
use connector_core::ColumnTypes;

#[derive(ColumnTypes)]
#[column_types(case_insensitive)]
enum ShopType {
    #[column_type("INTEGER", field = Int)]
    Integer,
}

fn main() {}
