use connector_core::DozerSource;

type StationId = u64;

#[derive(DozerSource)]
struct Station {
    #[dozer(primary_key)]
    id: StationId,
}

fn main() {}
