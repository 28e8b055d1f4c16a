use connector_core::sink::{Compared, Comparison};
use connector_core::{Batch, Result};

struct Counted {
    rows: usize,
}

impl Comparison for Counted {
    fn take(&mut self, batch: &Batch) -> Result<()> {
        self.rows += batch.rows();
        Ok(())
    }

    fn finish(self: Box<Self>, _: usize) -> Result<Vec<Compared>> {
        Ok(Vec::new())
    }
}

fn compare() -> Result<Option<Box<dyn Comparison>>> {
    Ok(Some(Box::new(Counted { rows: 0 })))
}

fn main() {}
