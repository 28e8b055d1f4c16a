use connector_core::{ColumnTypes, Misfit, Value};

#[derive(ColumnTypes)]
enum ShopType {
    #[column_type("GEOMETRY", cast = text, field = Text)]
    Geometry,
}

fn text(_: Value<'_>) -> Result<String, Misfit> {
    Ok(String::new())
}

fn main() {}
