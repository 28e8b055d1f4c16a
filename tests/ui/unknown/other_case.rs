// A key is written in snake case.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Station {
    #[dozer(primaryKey)]
    name: String,
}

fn main() {}
