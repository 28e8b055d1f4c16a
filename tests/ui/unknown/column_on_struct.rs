// A column is named on its field.
use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(column = "temp_c")]
struct Reading {
    temperature: f64,
}

fn main() {}
