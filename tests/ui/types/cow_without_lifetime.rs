// A row that may borrow names its lifetime, too.
use std::borrow::Cow;

use connector_core::DozerSource;

#[derive(DozerSource)]
struct Line {
    text: Cow<str>,
}

fn main() {}
