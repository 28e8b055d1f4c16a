use connector_core::DozerSource;

#[derive(DozerSource)]
struct Order {
    #[dozer(field = Decimal(76, 2))]
    price: String,
}

fn main() {}
