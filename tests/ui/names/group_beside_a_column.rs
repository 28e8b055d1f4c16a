// The columns of a flattened group have other names than those beside it.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Position {
    latitude: i32,
    longitude: i32,
}

#[derive(DozerSource)]
struct Station {
    #[dozer(flatten)]
    position: Position,
    longitude: i32,
}

fn main() {}
