// Marks on fields give the key the order of the fields; a list on the struct gives it another.
use connector_core::{DozerSource, Timestamp};

#[derive(DozerSource)]
#[dozer(table = "readings", lock = "dozer.lock")]
struct Reading {
    #[dozer(primary_key)]
    taken_at: Timestamp,
    #[dozer(primary_key)]
    station: String,
}

fn main() {}
