// Null reads as `None`, so an `Option` needs no default.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Reading {
    #[dozer(default)]
    temperature: Option<f64>,
}

fn main() {}
