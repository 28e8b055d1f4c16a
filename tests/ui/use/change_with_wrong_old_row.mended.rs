use connector_core::{DozerSource, Event};

#[derive(DozerSource)]
#[dozer(tracking = "only_pk")]
struct Station {
    #[dozer(primary_key)]
    id: u64,
    name: String,
}

fn gone(old: Station) -> Event<Station> {
    Event::delete(StationKey { id: old.id })
}

fn main() {}
