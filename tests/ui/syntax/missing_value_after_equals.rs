// Behind an equals sign stands a value.
use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(tracking =)]
struct Station {
    name: String,
}

fn main() {}
