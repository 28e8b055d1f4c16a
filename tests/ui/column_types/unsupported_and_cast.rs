// A type that is not supported has no cast.
use connector_core::{ColumnTypes, Misfit, Value};

#[derive(ColumnTypes)]
enum ShopType {
    #[column_type("GEOMETRY", cast = text, unsupported = "select ST_AsText instead")]
    Geometry,
}

fn text(_: Value<'_>) -> Result<String, Misfit> {
    Ok(String::new())
}

fn main() {}
