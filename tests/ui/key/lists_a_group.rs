// A listed key names columns, and a flattened field is many.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Position {
    latitude: i32,
    longitude: i32,
}

#[derive(DozerSource)]
#[dozer(primary_key(name, position))]
struct Station {
    name: String,
    #[dozer(flatten)]
    position: Position,
}

fn main() {}
