// A key column is not nullable, by whatever name its type goes.
use connector_core::DozerSource;

type StationId = Option<u64>;

#[derive(DozerSource)]
struct Station {
    #[dozer(primary_key)]
    id: StationId,
}

fn main() {}
