// A nullable column that may be left out is read into a `Sent<Option<T>>`.
use connector_core::{DozerSource, Sent};

#[derive(DozerSource)]
#[dozer(table = "readings", lock = "dozer.lock")]
struct Reading {
    station: String,
    temp_c: Sent<f64>,
}

fn main() {}
