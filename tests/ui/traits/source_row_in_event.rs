// The row of an event derives `DozerSource`.
use connector_core::Event;

struct Station {
    name: String,
}

fn seen(name: String) -> Event<Station> {
    Event::insert(Station { name })
}

fn main() {}
