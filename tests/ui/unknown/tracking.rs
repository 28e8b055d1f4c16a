// There are three tracking types.
use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(tracking = "sometimes")]
struct Station {
    name: String,
}

fn main() {}
