// The function of `cast` exists.
use connector_core::ColumnTypes;

#[derive(ColumnTypes)]
enum ShopType {
    #[column_type("MONEY", field = Decimal, cast = money)]
    Money,
}

fn main() {}
