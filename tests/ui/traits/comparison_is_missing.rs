// What a sink holds is compared by a `Comparison`.
use connector_core::Result;
use connector_core::sink::Comparison;

struct Counted {
    rows: usize,
}

fn compare() -> Result<Option<Box<dyn Comparison>>> {
    Ok(Some(Box::new(Counted { rows: 0 })))
}

fn main() {}
