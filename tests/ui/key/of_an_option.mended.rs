use connector_core::DozerSource;

#[derive(DozerSource)]
struct Station {
    #[dozer(primary_key)]
    id: u64,
}

fn main() {}
