// A key is given once, in whichever attribute.
use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(schema = "public")]
#[dozer(table = "stations", schema = "weather")]
struct Station {
    name: String,
}

fn main() {}
