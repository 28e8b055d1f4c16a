// A column has one null, so a field is not an `Option` of an `Option`.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Reading {
    temperature: Option<Option<f64>>,
}

fn main() {}
