// A key column is marked `primary_key`.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Station {
    #[dozer(pk)]
    name: String,
}

fn main() {}
