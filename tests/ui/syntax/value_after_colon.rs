// Between a key and its value stands an equals sign, not a colon.
use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(schema: "public")]
struct Station {
    name: String,
}

fn main() {}
