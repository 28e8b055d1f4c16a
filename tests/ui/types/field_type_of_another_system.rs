// A type of another system is told with the field type that it becomes.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Page {
    #[dozer(field = Numeric)]
    price: String,
}

fn main() {}
