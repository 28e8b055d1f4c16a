// A key column is not a point.
use connector_core::{DozerSource, Point};

#[derive(DozerSource)]
struct Station {
    #[dozer(primary_key)]
    position: Point,
    name: String,
}

fn main() {}
