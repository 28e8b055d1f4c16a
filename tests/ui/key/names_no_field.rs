// A listed key names fields of the struct.
use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(primary_key(station, takenat))]
struct Reading {
    station: String,
    taken_at: u64,
}

fn main() {}
