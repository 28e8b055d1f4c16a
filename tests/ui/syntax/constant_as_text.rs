// A name is written out: a derive cannot read constants.
use connector_core::DozerSource;

const TABLE: &str = "stations";

#[derive(DozerSource)]
#[dozer(table = TABLE)]
struct Station {
    name: String,
}

fn main() {}
