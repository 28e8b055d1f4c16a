// Under `full_changes` an update tells the old row.
use connector_core::{DozerSource, Event};

#[derive(DozerSource)]
#[dozer(tracking = "full_changes")]
struct Reading {
    #[dozer(primary_key)]
    id: u64,
    celsius: f64,
}

fn corrected(new: Reading) -> Event<Reading> {
    Event::update_same_key(new)
}

fn main() {}
