// A type that is not supported says what to do instead.
use connector_core::ColumnTypes;

#[derive(ColumnTypes)]
enum ShopType {
    #[column_type("GEOMETRY", unsupported = "")]
    Geometry,
}

fn main() {}
