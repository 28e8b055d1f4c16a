// The rows of a change stream derive `DozerSource`.
use connector_core::{ChangeStream, Event, Result};

struct Station {
    name: String,
}

fn changes(stations: Vec<Station>) -> Result<impl ChangeStream> {
    Ok(stations.into_iter().map(|row| Ok(Event::insert(row))))
}

fn main() {}
