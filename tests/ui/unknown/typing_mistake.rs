// A mistyped key is told with the one that was meant.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Reading {
    #[dozer(colum = "temp_c")]
    temperature: f64,
}

fn main() {}
