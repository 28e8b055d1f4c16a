// Under `full_changes` the old image is the whole old row.
use connector_core::{DozerSource, Event};

#[derive(DozerSource)]
#[dozer(tracking = "full_changes")]
struct Reading {
    #[dozer(primary_key)]
    id: u64,
    celsius: f64,
}

fn corrected(new: Reading) -> Event<Reading> {
    Event::update(new.id, new)
}

fn main() {}
