use connector_core::{DozerSource, Timestamp};

#[derive(DozerSource)]
#[dozer(table = "readings", lock = "dozer.lock")]
struct Reading {
    #[dozer(primary_key)]
    station: String,
    #[dozer(primary_key)]
    taken_at: Timestamp,
}

fn main() {}
