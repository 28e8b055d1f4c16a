// A key lists each field once.
use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(primary_key(station, taken_at, station))]
struct Reading {
    station: String,
    taken_at: u64,
}

fn main() {}
