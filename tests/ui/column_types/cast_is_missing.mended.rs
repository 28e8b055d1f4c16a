use connector_core::{ColumnTypes, Misfit, Value};

#[derive(ColumnTypes)]
enum ShopType {
    #[column_type("MONEY", field = Decimal, cast = money)]
    Money,
}

fn money(raw: Value<'_>) -> Result<connector_core::Decimal, Misfit> {
    match raw {
        Value::Text(text) => text.trim_start_matches('$').parse(),
        other => Err(Misfit::WrongKind { found: other.kind() }),
    }
}

fn main() {}
