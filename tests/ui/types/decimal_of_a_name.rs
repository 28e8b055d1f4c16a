// The precision of a decimal is a number.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Order {
    #[dozer(field = Decimal(p, 2))]
    price: String,
}

fn main() {}
