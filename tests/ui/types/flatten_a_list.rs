// A row has the columns of one flattened group, not of a list of them.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Item {
    article: String,
}

#[derive(DozerSource)]
struct Order {
    id: u64,
    #[dozer(flatten)]
    items: Vec<Item>,
}

fn main() {}
