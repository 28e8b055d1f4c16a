// What was not sent has no default of its own.
use connector_core::{DozerSource, Sent};

#[derive(DozerSource)]
struct Page {
    #[dozer(default)]
    body: Sent<String>,
}

fn main() {}
