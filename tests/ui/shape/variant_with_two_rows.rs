// A variant of an enum of rows is one table, so it wraps one row struct.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Order {
    id: u64,
}

#[derive(DozerSource)]
struct Item {
    article: String,
}

#[derive(DozerSource)]
enum Shop {
    OrderWithItem(Order, Item),
}

fn main() {}
