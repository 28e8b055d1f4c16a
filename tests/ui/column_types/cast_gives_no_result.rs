// A cast gives a value, or the reason why there is none.
use connector_core::{ColumnTypes, Value};

#[derive(ColumnTypes)]
enum ShopType {
    #[column_type("BOOLEAN", field = Boolean, cast = boolean)]
    Boolean,
}

fn boolean(raw: Value<'_>) -> bool {
    matches!(raw, Value::Int(1))
}

fn main() {}
