// `unsupported` takes the reason.
use connector_core::ColumnTypes;

#[derive(ColumnTypes)]
enum ShopType {
    #[column_type("GEOMETRY", unsupported)]
    Geometry,
}

fn main() {}
