use connector_core::{DozerSource, Result, Source, TypedSource};

#[derive(Debug, DozerSource)]
struct Station {
    name: String,
}

fn count(source: impl Source + Clone + 'static) -> Result<()> {
    let read = source.rows::<Station>()?;
    drop(read);
    Ok(())
}

fn main() {}
