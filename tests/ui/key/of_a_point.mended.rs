use connector_core::{DozerSource, Point};

#[derive(DozerSource)]
struct Station {
    position: Point,
    #[dozer(primary_key)]
    name: String,
}

fn main() {}
