// `json` reads columns of JSON or text.
use connector_core::DozerSource;

use std::time::Duration;

#[derive(DozerSource)]
#[dozer(table = "readings", lock = "dozer.lock")]
struct Reading {
    station: String,
    #[dozer(json)]
    rain: Duration,
}

fn main() {}
