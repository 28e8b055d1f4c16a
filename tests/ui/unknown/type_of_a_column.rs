// A column's type is `field`.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Order {
    #[dozer(type = Decimal(10, 2))]
    price: String,
}

fn main() {}
