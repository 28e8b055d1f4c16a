// Most field types have no parameters.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Order {
    #[dozer(field = Int8(4))]
    quantity: u32,
}

fn main() {}
