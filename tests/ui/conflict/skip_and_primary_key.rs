// A skipped field is no column, so it is not part of the key.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Station {
    #[dozer(skip, primary_key)]
    id: u64,
    name: String,
}

fn main() {}
