// A flattened field is the columns of its own struct, which have names there.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Position {
    latitude: i32,
    longitude: i32,
}

#[derive(DozerSource)]
struct Station {
    name: String,
    #[dozer(flatten, column = "position")]
    position: Position,
}

fn main() {}
