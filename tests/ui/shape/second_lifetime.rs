// A row borrows from one buffer, so it has one lifetime.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Line<'name, 'text> {
    file: &'name str,
    text: &'text str,
}

fn main() {}
