use connector_core::{DozerSource, Sent};

#[derive(DozerSource)]
struct Page {
    body: Sent<Option<String>>,
}

fn main() {}
