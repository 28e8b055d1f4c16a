// The module of `with` reads the column's type.
use connector_core::{DozerSource, FieldType, Misfit, Value};

#[derive(DozerSource)]
#[dozer(table = "stations", lock = "dozer.lock")]
struct Station {
    id: u64,
    #[dozer(with = century)]
    opened: u32,
}

mod century {
    use super::{FieldType, Misfit, Value};

    pub const FIELD_TYPE: FieldType = FieldType::Int;

    pub fn to_value(century: &u32) -> Value<'_> {
        Value::UInt(u64::from(*century))
    }

    pub fn from_value(_: Value<'_>) -> Result<u32, Misfit> {
        Ok(20)
    }
}

fn main() {}
