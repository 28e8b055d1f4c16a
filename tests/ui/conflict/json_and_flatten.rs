// A field is one column of JSON or the columns of its struct, not both.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Position {
    latitude: i32,
    longitude: i32,
}

#[derive(DozerSource)]
struct Station {
    name: String,
    #[dozer(json, flatten)]
    position: Position,
}

fn main() {}
