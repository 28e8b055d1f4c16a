// An attribute with empty parentheses says nothing.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Station {
    #[dozer()]
    name: String,
}

fn main() {}
