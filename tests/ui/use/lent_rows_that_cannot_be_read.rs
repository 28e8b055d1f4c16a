// A row is read if each of its fields can be.
use connector_core::{ColumnValue, DozerSource, FieldType, Result, Source, TypedSource, Value};

struct Celsius(i64);

impl ColumnValue for Celsius {
    const FIELD_TYPE: FieldType = FieldType::Int;

    fn with_value<R>(&self, take: impl FnOnce(Value<'_>) -> R) -> R {
        take(Value::Int(self.0))
    }
}

#[derive(DozerSource)]
struct Reading {
    celsius: Celsius,
}

fn first(source: impl Source + Clone + 'static) -> Result<bool> {
    Ok(source.rows::<Reading>()?.lend::<Reading>()?.is_some())
}

fn main() {}
