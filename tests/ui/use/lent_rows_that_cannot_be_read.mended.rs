use connector_core::{ColumnValue, DozerSource, Result, Source, TypedSource};

#[derive(ColumnValue)]
struct Celsius(i64);

#[derive(DozerSource)]
struct Reading {
    celsius: Celsius,
}

fn first(source: impl Source + Clone + 'static) -> Result<bool> {
    Ok(source.rows::<Reading>()?.lend::<Reading>()?.is_some())
}

fn main() {}
