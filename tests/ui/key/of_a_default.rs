// Null reads as the default, so a key column has none.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Station {
    #[dozer(primary_key, default)]
    id: u64,
}

fn main() {}
