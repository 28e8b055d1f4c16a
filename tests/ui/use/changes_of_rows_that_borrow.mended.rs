use connector_core::ingest::IngestOptions;
use connector_core::{DozerSource, Result, Source, TypedSource};

#[derive(Debug, DozerSource)]
struct Station {
    name: String,
}

fn follow(source: impl Source + Clone + 'static) -> Result<()> {
    let read = source.changes_of::<Station>(IngestOptions::default())?;
    drop(read);
    Ok(())
}

fn main() {}
