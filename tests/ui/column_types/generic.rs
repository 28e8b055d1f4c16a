// The column types of a system have no type parameters.
use connector_core::ColumnTypes;

#[derive(ColumnTypes)]
enum ShopType<T> {
    #[column_type("INTEGER", field = Int)]
    Integer,
    #[column_type("OTHER(p)", field = Text)]
    Other { p: T },
}

fn main() {}
