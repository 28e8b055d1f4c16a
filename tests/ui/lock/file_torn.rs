// A lock file that is not JSON is named with the place of the mistake.
use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(table = "stations", lock = "torn.lock")]
struct Station {
    id: u64,
    name: String,
}

fn main() {}
