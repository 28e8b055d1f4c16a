// A word of a key's name finds the key.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Station {
    #[dozer(primary)]
    name: String,
}

fn main() {}
