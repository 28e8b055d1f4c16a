// The fields of a variant have the names of the parameters that they take.
use connector_core::ColumnTypes;

#[derive(ColumnTypes)]
enum ShopType {
    #[column_type("VARCHAR(length)", field = String)]
    Varchar(u32),
}

fn main() {}
