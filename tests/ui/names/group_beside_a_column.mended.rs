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
    height: i32,
}

fn main() {}
