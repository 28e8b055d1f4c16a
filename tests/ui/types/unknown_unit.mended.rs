use connector_core::{DozerSource, Timestamp};

#[derive(DozerSource)]
struct Reading {
    #[dozer(field = Timestamp(s))]
    taken_at: Timestamp,
}

fn main() {}
