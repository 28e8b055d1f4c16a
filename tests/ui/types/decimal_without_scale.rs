// A decimal has a precision and a scale, or neither.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Order {
    #[dozer(field = Decimal(10))]
    quantity: u64,
}

fn main() {}
