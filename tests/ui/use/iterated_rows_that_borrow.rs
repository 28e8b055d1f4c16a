// Rows that borrow are lent one at a time.
use connector_core::{DozerSource, Result, Source, TypedSource};

#[derive(Debug, DozerSource)]
struct Station<'r> {
    name: &'r str,
}

fn print(source: impl Source + Clone + 'static) -> Result<()> {
    for station in source.rows::<Station>()? {
        println!("{}", station?.name);
    }
    Ok(())
}

fn main() {}
