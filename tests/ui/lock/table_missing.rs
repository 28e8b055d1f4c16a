// A locked row is a table of the lock file.
use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(table = "weather_sites", lock = "dozer.lock")]
struct Station {
    id: u64,
    name: String,
}

fn main() {}
