use connector_core::DozerSource;

mod tags {
    use connector_core::{FieldType, Misfit, Value};

    pub const FIELD_TYPE: FieldType = FieldType::Text;

    pub fn to_value(tags: &Vec<String>) -> Value<'_> {
        tags.first().map_or(Value::Text(""), |tag| Value::Text(tag))
    }

    pub fn from_value(_: Value<'_>) -> Result<Vec<String>, Misfit> {
        Ok(Vec::new())
    }
}

#[derive(DozerSource)]
struct Reading {
    #[dozer(with = tags)]
    tags: Vec<String>,
}

fn main() {}
