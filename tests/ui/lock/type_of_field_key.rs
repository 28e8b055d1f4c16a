// `field` gives a field a type that the column has not.
use connector_core::{Decimal, DozerSource};

#[derive(DozerSource)]
#[dozer(table = "orders", lock = "dozer.lock")]
struct Order {
    id: i64,
    #[dozer(field = Text)]
    total: Decimal,
}

fn main() {}
