// A locked row declares no more of old rows than its source tells.
use connector_core::{DozerSource, Timestamp};

#[derive(DozerSource)]
#[dozer(table = "readings", tracking = "full_changes", lock = "dozer.lock")]
struct Reading {
    #[dozer(primary_key)]
    station: String,
    #[dozer(primary_key)]
    taken_at: Timestamp,
}

fn main() {}
