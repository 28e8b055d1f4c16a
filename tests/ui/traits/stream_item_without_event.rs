// A change stream yields events, not rows.
use connector_core::{ChangeStream, DozerSource, Result};

#[derive(DozerSource)]
struct Station {
    name: String,
}

fn changes(stations: Vec<Station>) -> Result<impl ChangeStream> {
    Ok(stations.into_iter().map(Ok::<_, connector_core::Error>))
}

fn main() {}
