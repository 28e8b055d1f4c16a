// A decimal has 76 digits at most.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Order {
    #[dozer(field = Decimal(100, 2))]
    price: String,
}

fn main() {}
