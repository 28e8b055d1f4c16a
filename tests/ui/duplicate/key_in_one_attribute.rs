// A key is given once.
use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(table = "stations", table = "places")]
struct Station {
    name: String,
}

fn main() {}
