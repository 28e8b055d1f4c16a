// Each parameter of a name has a name of its own.
use connector_core::ColumnTypes;

#[derive(ColumnTypes)]
enum ShopType {
    #[column_type("DECIMAL(p, p)", field = Decimal)]
    Decimal,
}

fn main() {}
