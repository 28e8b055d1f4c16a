// A key column is not nullable.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Station {
    #[dozer(primary_key)]
    id: Option<u64>,
}

fn main() {}
