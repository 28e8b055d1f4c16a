// The variant for every other name has no name of its own.
use connector_core::ColumnTypes;

#[derive(ColumnTypes)]
enum ShopType {
    #[column_type("JSONB", other, field = Text)]
    Other,
}

fn main() {}
