// A key column is in every change, so it is no `Sent`.
use connector_core::{DozerSource, Sent};

#[derive(DozerSource)]
#[dozer(tracking = "only_pk")]
struct Page {
    #[dozer(primary_key)]
    id: Sent<u64>,
}

fn main() {}
