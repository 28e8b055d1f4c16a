// A key column is not a float, whoever makes it one.
use connector_core::DozerSource;

mod degrees {
    use connector_core::{FieldType, Misfit, Value};

    pub const FIELD_TYPE: FieldType = FieldType::Float;

    pub fn to_value(arcseconds: &i64) -> Value<'_> {
        Value::Float(*arcseconds as f64 / 3600.0)
    }

    pub fn from_value(value: Value<'_>) -> Result<i64, Misfit> {
        match value {
            Value::Float(degrees) => Ok((degrees * 3600.0) as i64),
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
