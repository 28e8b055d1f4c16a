// The path of the crate begins at its root, so that it means the same in each module.
use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(crate = connector_core)]
struct Station {
    name: String,
}

fn main() {}
