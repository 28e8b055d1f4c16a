// A column's name is `column`, with the name that was given.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Reading {
    #[dozer(rename = "temp_c")]
    temperature: f64,
}

fn main() {}
