// The parameters of a field type stand in round parentheses.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Order {
    #[dozer(field = Decimal<10, 2>)]
    price: String,
}

fn main() {}
