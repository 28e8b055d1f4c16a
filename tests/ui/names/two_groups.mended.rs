use connector_core::DozerSource;

#[derive(DozerSource)]
struct Position {
    latitude: i32,
    longitude: i32,
}

#[derive(DozerSource)]
struct Target {
    to_latitude: i32,
    to_longitude: i32,
}

#[derive(DozerSource)]
struct Flight {
    #[dozer(flatten)]
    from: Position,
    #[dozer(flatten)]
    to: Target,
}

fn main() {}
