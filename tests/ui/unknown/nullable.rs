// A nullable column is an `Option`, without any attribute.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Reading {
    #[dozer(nullable)]
    temperature: f64,
}

fn main() {}
