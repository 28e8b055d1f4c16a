// The key struct passes over the columns beside the key, so it knows how many there are.
use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(tracking = "only_pk")]
struct Tagged<T> {
    #[dozer(primary_key)]
    id: u64,
    #[dozer(flatten)]
    row: T,
}

fn main() {}
