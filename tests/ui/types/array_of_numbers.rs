// A list of numbers is one column of JSON; only bytes are a column of their own.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Reading {
    samples: [f32; 4],
}

fn main() {}
