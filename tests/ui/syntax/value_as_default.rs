// `default` takes the path of a function, not a value.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Order {
    #[dozer(default = 1)]
    quantity: u32,
}

fn main() {}
