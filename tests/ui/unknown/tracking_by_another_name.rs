// A tracking type of another name is told with the one that was meant.
use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(tracking = "full")]
struct Station {
    name: String,
}

fn main() {}
