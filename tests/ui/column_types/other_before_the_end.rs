// The variant for every other name stands last.
use connector_core::ColumnTypes;

#[derive(ColumnTypes)]
enum ShopType {
    #[column_type(other, unsupported = "cast it to text in the query")]
    Other,
    #[column_type("INTEGER", field = Int)]
    Integer,
}

fn main() {}
