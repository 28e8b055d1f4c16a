// A column that is named after its field needs no name.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Station {
    #[dozer(column = "name")]
    name: String,
}

fn main() {}
