use connector_core::ColumnTypes;

#[derive(ColumnTypes)]
enum ShopType {
    #[column_type("DECIMAL(p, s)", field = Decimal(p, s))]
    Decimal { p: u8, s: i8 },
}

fn main() {}
