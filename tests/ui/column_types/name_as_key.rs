// The names of a type stand first, without a key.
use connector_core::ColumnTypes;

#[derive(ColumnTypes)]
enum ShopType {
    #[column_type(name = "INTEGER", field = Int)]
    Integer,
}

fn main() {}
