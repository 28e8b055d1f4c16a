use connector_core::DozerSource;

type StationId = u64;

#[derive(DozerSource)]
#[dozer(table = "stations", lock = "dozer.lock")]
struct Station {
    id: StationId,
}

fn main() {}
