// A locked row that declares a key declares the whole key of the table.
use connector_core::{DozerSource, Timestamp};

#[derive(DozerSource)]
#[dozer(table = "readings", lock = "dozer.lock")]
struct Reading {
    #[dozer(primary_key)]
    station: String,
    taken_at: Timestamp,
}

fn main() {}
