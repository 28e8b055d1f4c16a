use connector_core::{DozerSource, Result, Source, TypedSource};

#[derive(Debug, DozerSource)]
struct Station<'r> {
    name: &'r str,
}

fn print(source: impl Source + Clone + 'static) -> Result<()> {
    let mut rows = source.rows::<Station>()?;
    while let Some(station) = rows.lend::<Station>()? {
        println!("{}", station.name);
    }
    Ok(())
}

fn main() {}
