// The type of raw values stands without quotes.
use connector_core::ColumnTypes;

#[derive(ColumnTypes)]
#[column_types(raw = "Value<'_>")]
enum ShopType {
    #[column_type("INTEGER", field = Int)]
    Integer,
}

fn main() {}
