use connector_core::ColumnTypes;

#[derive(ColumnTypes)]
enum ShopType {
    #[column_type("DECIMAL(precision, scale)", field = Decimal(precision, scale))]
    Decimal { precision: Option<u8>, scale: Option<i8> },
}

fn main() {}
