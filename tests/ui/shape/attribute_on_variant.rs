// A table is named on its row struct, not on the variant that wraps it.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Order {
    id: u64,
}

#[derive(DozerSource)]
enum Shop {
    #[dozer(table = "orders")]
    Orders(Order),
}

fn main() {}
