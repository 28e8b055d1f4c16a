// A lock file of another version is not guessed at.
use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(table = "stations", lock = "newer.lock")]
struct Station {
    id: u64,
    name: String,
}

fn main() {}
