use connector_core::{DozerSource, Event};

#[derive(DozerSource)]
#[dozer(tracking = "full_changes")]
struct Reading {
    #[dozer(primary_key)]
    id: u64,
    celsius: f64,
}

fn corrected(old: Reading, new: Reading) -> Event<Reading> {
    Event::update(old, new)
}

fn main() {}
