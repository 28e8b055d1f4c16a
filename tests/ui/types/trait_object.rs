// A column holds a value of one type, so a field is no trait object.
use std::fmt::Display;

use connector_core::DozerSource;

#[derive(DozerSource)]
struct Reading {
    value: Box<dyn Display>,
}

fn main() {}
