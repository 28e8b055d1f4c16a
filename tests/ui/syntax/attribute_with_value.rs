// An attribute takes its keys in parentheses, not after an equals sign.
use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer = "stations"]
struct Station {
    name: String,
}

fn main() {}
