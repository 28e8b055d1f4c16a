// A timestamp has a unit of its own words.
use connector_core::{DozerSource, Timestamp};

#[derive(DozerSource)]
struct Reading {
    #[dozer(field = Timestamp(minutes))]
    taken_at: Timestamp,
}

fn main() {}
