// The module of `with` has a type and two functions.
use connector_core::DozerSource;

mod kelvin {
}

#[derive(DozerSource)]
struct Reading {
    #[dozer(with = kelvin)]
    temperature: f64,
}

fn main() {}
