// A name has no control characters.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Station {
    #[dozer(column = "station\tname")]
    name: String,
}

fn main() {}
