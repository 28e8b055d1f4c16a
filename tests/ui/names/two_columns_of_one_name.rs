// Each column has a name of its own.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Reading {
    #[dozer(column = "temp")]
    inside: f64,
    #[dozer(column = "temp")]
    outside: f64,
}

fn main() {}
