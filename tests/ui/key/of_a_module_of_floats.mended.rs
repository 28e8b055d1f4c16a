use connector_core::DozerSource;

mod degrees {
    use connector_core::{FieldType, Misfit, Value};

    pub const FIELD_TYPE: FieldType = FieldType::Int;

    pub fn to_value(arcseconds: &i64) -> Value<'_> {
        Value::Int(*arcseconds)
    }

    pub fn from_value(value: Value<'_>) -> Result<i64, Misfit> {
        match value {
            Value::Int(arcseconds) => Ok(arcseconds),
            other => Err(Misfit::WrongKind { found: other.kind() }),
        }
    }
}

#[derive(DozerSource)]
struct Star {
    #[dozer(primary_key, with = degrees)]
    right_ascension: i64,
}

fn main() {}
