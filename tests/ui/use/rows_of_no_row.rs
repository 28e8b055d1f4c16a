// Rows are read as a struct that derives `DozerSource`.
use connector_core::{Result, Source, TypedSource};

#[derive(Debug)]
struct Station {
    name: String,
}

fn count(source: impl Source + Clone + 'static) -> Result<()> {
    let read = source.rows::<Station>()?;
    drop(read);
    Ok(())
}

fn main() {}
