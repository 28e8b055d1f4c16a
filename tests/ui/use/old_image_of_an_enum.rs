// An event of several tables is made of the event of one.
use connector_core::{DozerSource, Event};

#[derive(DozerSource)]
#[dozer(tracking = "only_pk")]
struct Station {
    #[dozer(primary_key)]
    id: u64,
    name: String,
}

#[derive(DozerSource)]
enum Tables {
    Stations(Station),
}

fn gone(id: u64) -> Event<Tables> {
    Event::delete(StationKey { id })
}

fn main() {}
