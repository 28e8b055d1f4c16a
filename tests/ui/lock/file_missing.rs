// A lock file that is not there cannot be compared with.
use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(table = "stations", lock = "station.lock")]
struct Station {
    id: u64,
    name: String,
}

fn main() {}
