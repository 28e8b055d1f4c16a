// A table is named on the struct.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Station {
    #[dozer(table = "stations")]
    name: String,
}

fn main() {}
