use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(table = "readings", lock = "dozer.lock")]
struct Reading {
    station: String,
    rain: connector_core::Duration,
}

fn main() {}
