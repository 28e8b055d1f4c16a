use connector_core::DozerSource;

struct Kelvin(f64);

mod kelvin {
    use super::Kelvin;
    use connector_core::{FieldType, Misfit, Value};

    pub const FIELD_TYPE: FieldType = FieldType::Float;

    pub fn to_value(kelvin: &Kelvin) -> Value<'_> {
        Value::Float(kelvin.0)
    }

    pub fn from_value(value: Value<'_>) -> Result<Kelvin, Misfit> {
        match value {
            Value::Float(number) => Ok(Kelvin(number)),
            other => Err(Misfit::WrongKind { found: other.kind() }),
        }
    }
}

#[derive(DozerSource)]
struct Reading {
    id: u64,
    #[dozer(with = kelvin)]
    temperature: Kelvin,
}

fn main() {}
