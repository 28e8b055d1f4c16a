use connector_core::{ChangeStream, DozerSource, Event, Result};

#[derive(DozerSource)]
struct Station {
    name: String,
}

fn changes(stations: Vec<Station>) -> Result<impl ChangeStream> {
    let events = stations.into_iter().map(|row| Ok(Event::insert(row)));
    Ok(events.collect::<Vec<Result<Event<Station>>>>().into_iter())
}

fn main() {}
