// A field is named after its column, or says the column's name.
use connector_core::{DozerSource, Timestamp};

#[derive(DozerSource)]
#[dozer(table = "readings", lock = "dozer.lock")]
struct Reading {
    station: String,
    taken_ta: Timestamp,
}

fn main() {}
