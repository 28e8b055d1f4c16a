use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(tracking = "only_pk")]
struct Page {
    #[dozer(primary_key)]
    id: u64,
}

fn main() {}
