use connector_core::{DozerSource, Sent};

#[derive(DozerSource)]
#[dozer(table = "readings", lock = "dozer.lock")]
struct Reading {
    station: String,
    temp_c: Sent<Option<f64>>,
}

fn main() {}
