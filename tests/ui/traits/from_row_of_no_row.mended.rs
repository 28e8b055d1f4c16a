use connector_core::connector::Rows;
use connector_core::{DozerSource, Result};

#[derive(DozerSource)]
struct Name {
    name: String,
}

fn first<T>(rows: &mut Rows<T>) -> Result<Option<Name>> {
    rows.lend()
}

fn main() {}
