// The errors of a change stream are `connector_core::Error`.
use std::fs::File;
use std::io::{BufReader, Lines};

use connector_core::{ChangeStream, DozerSource, Event, Result};

#[derive(DozerSource)]
struct Station {
    name: String,
}

fn changes(lines: Lines<BufReader<File>>) -> Result<impl ChangeStream> {
    Ok(lines.map(|name| name.map(|name| Event::insert(Station { name }))))
}

fn main() {}
