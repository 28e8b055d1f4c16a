// The name of a column is not blank.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Station {
    #[dozer(column = "  ")]
    name: String,
}

fn main() {}
