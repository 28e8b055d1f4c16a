// The path of a lock file begins at the directory of `Cargo.toml`.
use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(table = "stations", lock = "/srv/weather/dozer.lock")]
struct Station {
    id: u64,
    name: String,
}

fn main() {}
