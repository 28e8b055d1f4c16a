// Typed rows are read one table at a time.
use connector_core::{DozerSource, Result, Source, TypedSource};

#[derive(Debug, DozerSource)]
struct Station {
    name: String,
}

#[derive(Debug, DozerSource)]
enum Tables {
    Stations(Station),
}

fn count(source: impl Source + Clone + 'static) -> Result<()> {
    let read = source.rows::<Tables>()?;
    drop(read);
    Ok(())
}

fn main() {}
