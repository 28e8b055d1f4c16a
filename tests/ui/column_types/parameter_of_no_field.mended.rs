use connector_core::ColumnTypes;

#[derive(ColumnTypes)]
enum ShopType {
    #[column_type("VARCHAR(length, _)", field = String)]
    Varchar { length: u32 },
}

fn main() {}
