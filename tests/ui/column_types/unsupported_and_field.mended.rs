use connector_core::ColumnTypes;

#[derive(ColumnTypes)]
enum ShopType {
    #[column_type("GEOMETRY", unsupported = "select ST_AsText instead")]
    Geometry,
}

fn main() {}
