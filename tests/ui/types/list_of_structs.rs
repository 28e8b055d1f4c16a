// A list of structs is one column of JSON.
use connector_core::DozerSource;

struct Item {
    article: String,
}

#[derive(DozerSource)]
struct Order {
    id: u64,
    items: Vec<Item>,
}

fn main() {}
