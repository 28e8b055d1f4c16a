use connector_core::DozerSource;

#[derive(DozerSource)]
struct Order {
    #[dozer(field = Decimal(10, 0))]
    quantity: u64,
}

fn main() {}
