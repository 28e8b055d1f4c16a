use connector_core::{ColumnValue, DozerSource};

#[derive(ColumnValue)]
struct Celsius(f64);

#[derive(DozerSource)]
struct Reading {
    temperature: Celsius,
}

fn main() {}
