use connector_core::{ColumnValue, DozerSource, FieldType, Source, TypedSource, Value};

struct WriteOnly;

impl ColumnValue for WriteOnly {
    const FIELD_TYPE: FieldType = FieldType::Boolean;

    fn with_value<R>(&self, take: impl FnOnce(Value<'_>) -> R) -> R {
        take(Value::Bool(true))
    }
}

#[derive(DozerSource)]
struct Written {
    it: WriteOnly,
}

struct NotARow;

fn read(source: impl Source + Clone + 'static) {
    let _ = source.rows::<Written>().unwrap().lend::<Written>();
    let _ = source.rows::<NotARow>();
}

fn main() {}
