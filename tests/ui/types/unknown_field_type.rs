// A field type has one of sixteen names.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Order {
    #[dozer(field = Money)]
    price: String,
}

fn main() {}
