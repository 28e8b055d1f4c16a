// A flattened field is many columns, so it is not a column of the key.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Position {
    latitude: i32,
    longitude: i32,
}

#[derive(DozerSource)]
struct Station {
    name: String,
    #[dozer(flatten, primary_key)]
    position: Position,
}

fn main() {}
