use connector_core::DozerSource;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
enum Colour {
    Red,
    Green,
}

#[derive(DozerSource)]
struct Lamp {
    #[dozer(json)]
    colour: Colour,
}

fn main() {}
