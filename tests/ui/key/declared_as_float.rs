// A key column is not declared as a float.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Order {
    #[dozer(primary_key, field = Float)]
    number: u64,
}

fn main() {}
