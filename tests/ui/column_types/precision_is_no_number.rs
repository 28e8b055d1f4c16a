// The precision of a decimal is a number of digits.
use connector_core::ColumnTypes;

#[derive(ColumnTypes)]
enum ShopType {
    #[column_type("DECIMAL(p, s)", field = Decimal(p, s))]
    Decimal { p: String, s: i8 },
}

fn main() {}
