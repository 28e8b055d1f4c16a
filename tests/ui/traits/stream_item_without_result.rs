// A change stream yields results.
use connector_core::{ChangeStream, DozerSource, Event, Result};

#[derive(DozerSource)]
struct Station {
    name: String,
}

fn changes(stations: Vec<Station>) -> Result<impl ChangeStream> {
    Ok(stations.into_iter().map(Event::insert))
}

fn main() {}
