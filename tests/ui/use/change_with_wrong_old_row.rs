// The old image of a change is what its table's tracking type tells.
use connector_core::{Change, DozerSource, Event};

#[derive(DozerSource)]
#[dozer(tracking = "only_pk")]
struct Station {
    #[dozer(primary_key)]
    id: u64,
    name: String,
}

fn gone(old: Station) -> Event<Station> {
    Event::Change(Change::Delete { old })
}

fn main() {}
