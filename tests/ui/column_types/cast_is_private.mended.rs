use connector_core::ColumnTypes;

mod casts {
    use connector_core::{Misfit, Value};

    pub fn length(raw: Value<'_>) -> Result<u64, Misfit> {
        match raw {
            Value::Bytes(bytes) => Ok(bytes.len() as u64),
            other => Err(Misfit::WrongKind { found: other.kind() }),
        }
    }
}

#[derive(ColumnTypes)]
enum ShopType {
    #[column_type("IMAGE", field = UInt, cast = casts::length)]
    Image,
}

fn main() {}
