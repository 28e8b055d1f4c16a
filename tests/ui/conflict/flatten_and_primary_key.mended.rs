use connector_core::DozerSource;

#[derive(DozerSource)]
struct Position {
    latitude: i32,
    longitude: i32,
}

#[derive(DozerSource)]
struct Station {
    #[dozer(primary_key)]
    name: String,
    #[dozer(flatten)]
    position: Position,
}

fn main() {}
