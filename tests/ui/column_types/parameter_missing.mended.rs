use connector_core::ColumnTypes;

#[derive(ColumnTypes)]
enum ShopType {
    #[column_type("DECIMAL(p, s)", "DECIMAL(p)", field = Decimal(p, s))]
    Decimal { p: u8, s: Option<i8> },
}

fn main() {}
