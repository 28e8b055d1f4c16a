// A stream's old images are what its table's tracking type tells.
use connector_core::{Change, ChangeStream, DozerSource, Event, Result};

#[derive(DozerSource)]
#[dozer(tracking = "only_pk")]
struct Station {
    #[dozer(primary_key)]
    id: u64,
    name: String,
}

fn changes(gone: Vec<Station>) -> Result<impl ChangeStream> {
    let deletes = gone.into_iter().map(|old| Change::Delete { old });
    Ok(deletes.map(|change| Ok(Event::<Station, Station>::Change(change))))
}

fn main() {}
