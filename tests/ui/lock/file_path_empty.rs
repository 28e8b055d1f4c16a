// The path of a lock file is not empty.
use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(table = "stations", lock = "")]
struct Station {
    id: u64,
    name: String,
}

fn main() {}
