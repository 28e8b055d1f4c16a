// A row that borrows names its lifetime.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Line {
    text: &str,
}

fn main() {}
