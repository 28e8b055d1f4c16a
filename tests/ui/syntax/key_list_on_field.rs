// On a field, `primary_key` stands alone.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Station {
    #[dozer(primary_key(name))]
    name: String,
}

fn main() {}
