// Each variant of an enum of rows wraps one row struct.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Reading {
    temperature: f64,
}

#[derive(DozerSource)]
enum Weather {
    Readings(Reading),
    Nothing,
}

fn main() {}
