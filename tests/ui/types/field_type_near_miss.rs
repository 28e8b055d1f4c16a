// A mistyped field type is told with the one that was meant.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Order {
    #[dozer(field = Decmial(10, 2))]
    price: String,
}

fn main() {}
