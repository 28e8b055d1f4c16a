use connector_core::ColumnTypes;

#[derive(ColumnTypes)]
enum ShopType {
    #[column_type(other, field = Text)]
    Other,
}

fn main() {}
