use connector_core::{ColumnTypes, ColumnValue, Misfit, Value};

#[derive(ColumnValue)]
struct Celsius(f64);

#[derive(ColumnTypes)]
enum SensorType {
    #[column_type("TEMPERATURE", field = Float, cast = celsius)]
    Temperature,
}

fn celsius(raw: Value<'_>) -> Result<Celsius, Misfit> {
    match raw {
        Value::Float(degrees) => Ok(Celsius(degrees)),
        other => Err(Misfit::WrongKind { found: other.kind() }),
    }
}

fn main() {}
