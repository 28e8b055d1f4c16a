// A list of key fields has one at least.
use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(primary_key())]
struct Station {
    name: String,
}

fn main() {}
