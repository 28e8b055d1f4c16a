// A row struct is the row of one table, so only one variant wraps it.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Order {
    id: u64,
}

#[derive(DozerSource)]
enum Shop {
    Orders(Order),
    Returns(Order),
}

fn main() {}
