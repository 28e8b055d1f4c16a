use connector_core::{DozerSource, Timestamp};

#[derive(DozerSource)]
#[dozer(table = "readings", lock = "dozer.lock", primary_key(station, taken_at))]
struct Reading {
    taken_at: Timestamp,
    station: String,
}

fn main() {}
