// A text in an attribute stands behind a key.
use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer("stations")]
struct Station {
    name: String,
}

fn main() {}
