use connector_core::DozerSource;

#[derive(DozerSource)]
struct Position {
    latitude: i32,
    longitude: i32,
}

#[derive(DozerSource)]
#[dozer(primary_key(name))]
struct Station {
    name: String,
    #[dozer(flatten)]
    position: Position,
}

fn main() {}
