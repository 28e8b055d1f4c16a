// A field that becomes a type anyway need not say so.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Order {
    #[dozer(field = Int)]
    quantity: i64,
}

fn main() {}
