use connector_core::{ColumnTypes, Misfit, Value};

#[derive(ColumnTypes)]
#[column_types(raw = Value<'_>)]
enum Type {
    #[column_type("A", field = Int, cast = text)]
    WrongKind,
    #[column_type("B", field = Int, cast = missing)]
    Missing,
    #[column_type("C", field = Int, cast = of_number)]
    WrongArgument,
}

fn text(_: Value<'_>) -> Result<bool, Misfit> {
    Ok(true)
}

fn of_number(_: i64) -> Result<i64, Misfit> {
    Ok(1)
}

fn main() {}
