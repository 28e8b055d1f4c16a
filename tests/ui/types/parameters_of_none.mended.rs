use connector_core::DozerSource;

#[derive(DozerSource)]
struct Order {
    #[dozer(field = Int8)]
    quantity: u32,
}

fn main() {}
