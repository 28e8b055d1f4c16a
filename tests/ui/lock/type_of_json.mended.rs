use connector_core::DozerSource;

use std::time::Duration;

#[derive(DozerSource)]
#[dozer(table = "readings", lock = "dozer.lock")]
struct Reading {
    station: String,
    rain: Duration,
}

fn main() {}
