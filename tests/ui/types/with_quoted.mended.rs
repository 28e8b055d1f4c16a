use connector_core::DozerSource;

mod kelvin {
    use connector_core::{FieldType, Misfit, Value};

    pub const FIELD_TYPE: FieldType = FieldType::Float;

    pub fn to_value(celsius: &f64) -> Value<'_> {
        Value::Float(celsius + 273.15)
    }

    pub fn from_value(value: Value<'_>) -> Result<f64, Misfit> {
        match value {
            Value::Float(kelvin) => Ok(kelvin - 273.15),
            other => Err(Misfit::WrongKind { found: other.kind() }),
        }
    }
}

#[derive(DozerSource)]
struct Reading {
    #[dozer(with = kelvin)]
    temperature: f64,
}

fn main() {}
