// A field is marked once.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Station {
    #[dozer(primary_key, primary_key)]
    name: String,
}

fn main() {}
