use connector_core::DozerSource;

#[derive(DozerSource)]
struct Order {
    #[dozer(default = one)]
    quantity: u32,
}

fn one() -> u32 {
    1
}

fn main() {}
