// The key's columns are in the order of the table's key.
use connector_core::{DozerSource, Timestamp};

#[derive(DozerSource)]
#[dozer(table = "readings", lock = "dozer.lock", primary_key(taken_at, station))]
struct Reading {
    station: String,
    taken_at: Timestamp,
}

fn main() {}
