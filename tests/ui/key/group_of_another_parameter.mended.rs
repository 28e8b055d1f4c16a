use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(tracking = "full_changes")]
struct Tagged<T> {
    #[dozer(primary_key)]
    id: u64,
    #[dozer(flatten)]
    row: T,
}

fn main() {}
