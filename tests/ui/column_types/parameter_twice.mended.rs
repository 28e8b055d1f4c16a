use connector_core::ColumnTypes;

#[derive(ColumnTypes)]
enum ShopType {
    #[column_type("DECIMAL(p, s)", field = Decimal)]
    Decimal,
}

fn main() {}
