use connector_core::{DozerSource, Event};

#[derive(DozerSource)]
struct Station {
    name: String,
}

fn seen(name: String) -> Event<Station> {
    Event::insert(Station { name })
}

fn main() {}
