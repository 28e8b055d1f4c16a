// A row that borrows declares the lifetime that its fields name.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Line {
    text: &'row str,
}

fn main() {}
