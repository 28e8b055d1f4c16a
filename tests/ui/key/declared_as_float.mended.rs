use connector_core::DozerSource;

#[derive(DozerSource)]
struct Order {
    #[dozer(primary_key, field = Decimal(10, 0))]
    number: u64,
}

fn main() {}
