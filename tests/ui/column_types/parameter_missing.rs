// Each name gives every parameter that a field takes.
use connector_core::ColumnTypes;

#[derive(ColumnTypes)]
enum ShopType {
    #[column_type("DECIMAL(p, s)", "DECIMAL(p)", field = Decimal(p, s))]
    Decimal { p: u8, s: i8 },
}

fn main() {}
