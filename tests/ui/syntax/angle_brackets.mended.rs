use connector_core::DozerSource;

#[derive(DozerSource)]
struct Order {
    #[dozer(field = Decimal(10, 2))]
    price: String,
}

fn main() {}
