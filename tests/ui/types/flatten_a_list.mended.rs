use connector_core::DozerSource;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Item {
    article: String,
}

#[derive(DozerSource)]
struct Order {
    id: u64,
    #[dozer(json)]
    items: Vec<Item>,
}

fn main() {}
