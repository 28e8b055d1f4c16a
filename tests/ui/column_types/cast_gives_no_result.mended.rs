use connector_core::{ColumnTypes, Misfit, Value};

#[derive(ColumnTypes)]
enum ShopType {
    #[column_type("BOOLEAN", field = Boolean, cast = boolean)]
    Boolean,
}

fn boolean(raw: Value<'_>) -> Result<bool, Misfit> {
    match raw {
        Value::Int(number) => Ok(number != 0),
        other => Err(Misfit::WrongKind { found: other.kind() }),
    }
}

fn main() {}
