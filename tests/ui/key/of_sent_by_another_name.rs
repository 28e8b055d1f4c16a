// A key column is no `Sent`, whatever the type is called.
use connector_core::{DozerSource, Sent};

type PageId = Sent<u64>;

#[derive(DozerSource)]
#[dozer(tracking = "only_pk")]
struct Page {
    #[dozer(primary_key)]
    id: PageId,
}

fn main() {}
