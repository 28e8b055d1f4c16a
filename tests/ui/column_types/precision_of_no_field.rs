// A field type names fields of its own variant.
use connector_core::ColumnTypes;

#[derive(ColumnTypes)]
enum ShopType {
    #[column_type("DECIMAL(p, s)", field = Decimal(p, scale))]
    Decimal { p: u8, s: i8 },
}

fn main() {}
