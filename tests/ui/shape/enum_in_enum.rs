// A variant of an enum of rows wraps a row struct, not another enum.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Order {
    id: u64,
}

#[derive(DozerSource)]
enum Shop {
    Orders(Order),
}

#[derive(DozerSource)]
enum Company {
    Shop(Shop),
}

fn main() {}
