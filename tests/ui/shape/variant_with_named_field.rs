// A variant of an enum of rows wraps its row without a name.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Order {
    id: u64,
}

#[derive(DozerSource)]
enum Shop {
    Orders { row: Order },
}

fn main() {}
