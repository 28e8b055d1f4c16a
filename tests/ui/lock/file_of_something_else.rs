// JSON that is not a lock file is refused.
use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(table = "stations", lock = "settings.lock")]
struct Station {
    id: u64,
    name: String,
}

fn main() {}
