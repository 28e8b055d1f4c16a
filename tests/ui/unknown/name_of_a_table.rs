// A table's name is `table`, with the name that was given.
use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(name = "stations")]
struct Station {
    label: String,
}

fn main() {}
