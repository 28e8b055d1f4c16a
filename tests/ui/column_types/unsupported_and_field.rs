// A type that is not supported becomes no field type.
use connector_core::ColumnTypes;

#[derive(ColumnTypes)]
enum ShopType {
    #[column_type("GEOMETRY", field = Text, unsupported = "select ST_AsText instead")]
    Geometry,
}

fn main() {}
