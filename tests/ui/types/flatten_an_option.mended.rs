use connector_core::DozerSource;

#[derive(DozerSource)]
struct Position {
    latitude: Option<i32>,
    longitude: Option<i32>,
}

#[derive(DozerSource)]
struct Station {
    name: String,
    #[dozer(flatten)]
    position: Position,
}

fn main() {}
