// The columns of two flattened groups have different names.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Position {
    latitude: i32,
    longitude: i32,
}

#[derive(DozerSource)]
struct Flight {
    #[dozer(flatten)]
    from: Position,
    #[dozer(flatten)]
    to: Position,
}

fn main() {}
