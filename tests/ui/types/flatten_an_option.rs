// The columns of a flattened group are in every row.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Position {
    latitude: i32,
    longitude: i32,
}

#[derive(DozerSource)]
struct Station {
    name: String,
    #[dozer(flatten)]
    position: Option<Position>,
}

fn main() {}
