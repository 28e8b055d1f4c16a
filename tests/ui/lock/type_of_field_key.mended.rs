use connector_core::{Decimal, DozerSource};

#[derive(DozerSource)]
#[dozer(table = "orders", lock = "dozer.lock")]
struct Order {
    id: i64,
    #[dozer(field = Decimal(10, 2))]
    total: Decimal,
}

fn main() {}
