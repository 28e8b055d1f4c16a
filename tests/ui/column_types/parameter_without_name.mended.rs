use connector_core::ColumnTypes;

#[derive(ColumnTypes)]
enum ShopType {
    #[column_type("DECIMAL(p)", field = Decimal)]
    Decimal,
}

fn main() {}
