// The module of `with` is one that is there.
use connector_core::DozerSource;

struct Kelvin(f64);

#[derive(DozerSource)]
struct Reading {
    id: u64,
    #[dozer(with = kelvin)]
    temperature: Kelvin,
}

fn main() {}
