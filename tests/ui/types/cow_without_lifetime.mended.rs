use std::borrow::Cow;

use connector_core::DozerSource;

#[derive(DozerSource)]
struct Line<'row> {
    text: Cow<'row, str>,
}

fn main() {}
