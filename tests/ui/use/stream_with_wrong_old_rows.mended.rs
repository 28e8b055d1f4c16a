use connector_core::{ChangeStream, DozerSource, Event, Result};

#[derive(DozerSource)]
#[dozer(tracking = "only_pk")]
struct Station {
    #[dozer(primary_key)]
    id: u64,
    name: String,
}

fn changes(gone: Vec<Station>) -> Result<impl ChangeStream> {
    let keys = gone.into_iter().map(|old| StationKey { id: old.id });
    Ok(keys.map(|key| Ok(Event::<Station>::delete(key))))
}

fn main() {}
