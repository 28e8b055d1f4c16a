use connector_core::{DozerSource, Event};

#[derive(DozerSource)]
#[dozer(tracking = "only_pk")]
struct Station {
    #[dozer(primary_key)]
    id: u64,
    name: String,
}

fn gone(station: Station) -> Event<Station> {
    Event::delete(StationKey { id: station.id })
}

fn main() {}
