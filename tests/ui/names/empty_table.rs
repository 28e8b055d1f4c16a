// A table has a name.
use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(table = "")]
struct Station {
    name: String,
}

fn main() {}
