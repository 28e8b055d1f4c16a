// An enum of rows takes no keys of a table: each row struct has its own.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Order {
    id: u64,
}

#[derive(DozerSource)]
#[dozer(schema = "public")]
enum Shop {
    Orders(Order),
}

fn main() {}
