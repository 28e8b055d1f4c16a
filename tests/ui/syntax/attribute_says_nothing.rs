// An attribute without keys says nothing.
use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer]
struct Station {
    name: String,
}

fn main() {}
