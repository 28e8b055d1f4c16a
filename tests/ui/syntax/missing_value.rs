// A key that takes a value has one.
use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(table)]
struct Station {
    name: String,
}

fn main() {}
