// A field is a type that a column can hold.
use connector_core::DozerSource;

struct Celsius(f64);

#[derive(DozerSource)]
struct Reading {
    temperature: Celsius,
}

fn main() {}
