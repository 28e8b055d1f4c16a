// Changes are read as rows that own what they hold.
use connector_core::ingest::IngestOptions;
use connector_core::{DozerSource, Result, Source, TypedSource};

#[derive(Debug, DozerSource)]
struct Station<'r> {
    name: &'r str,
}

fn follow(source: impl Source + Clone + 'static) -> Result<()> {
    let read = source.changes_of::<Station>(IngestOptions::default())?;
    drop(read);
    Ok(())
}

fn main() {}
