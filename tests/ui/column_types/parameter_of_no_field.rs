// A parameter that no field takes is written as an underscore.
use connector_core::ColumnTypes;

#[derive(ColumnTypes)]
enum ShopType {
    #[column_type("VARCHAR(length, charset)", field = String)]
    Varchar { length: u32 },
}

fn main() {}
