use connector_core::DozerSource;

#[derive(DozerSource)]
struct Position {
    latitude: i32,
    #[dozer(column = "Longitude")]
    longitude: i32,
}

#[derive(DozerSource)]
struct Nested {
    #[dozer(flatten)]
    position: Position,
    height: i32,
}

#[derive(DozerSource)]
struct Placed {
    #[dozer(flatten)]
    here: Nested,
    longitude: i32,
}

#[derive(DozerSource)]
struct Moved {
    #[dozer(flatten)]
    from: Position,
    #[dozer(flatten)]
    to: Position,
}

fn main() {}
