use connector_core::DozerSource;

type PageId = u64;

#[derive(DozerSource)]
#[dozer(tracking = "only_pk")]
struct Page {
    #[dozer(primary_key)]
    id: PageId,
}

fn main() {}
