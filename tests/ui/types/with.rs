use connector_core::DozerSource;

mod empty {}

mod wrong {
    use connector_core::{FieldType, Misfit, Value};

    pub const FIELD_TYPE: FieldType = FieldType::Int;

    pub fn to_value(_: &bool) -> Value<'_> {
        Value::Null
    }

    pub fn from_value(_: Value<'_>) -> Result<bool, Misfit> {
        Err(Misfit::Null)
    }
}

#[derive(DozerSource)]
struct Row {
    #[dozer(with = empty)]
    a: u8,
    #[dozer(with = wrong)]
    b: u8,
}

fn main() {}
