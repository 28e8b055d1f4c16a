// Under `only_pk` the old image is the row's key.
use connector_core::{DozerSource, Event};

#[derive(DozerSource)]
#[dozer(tracking = "only_pk")]
struct Station {
    #[dozer(primary_key)]
    id: u64,
    name: String,
}

fn gone(station: Station) -> Event<Station> {
    Event::delete(station)
}

fn main() {}
