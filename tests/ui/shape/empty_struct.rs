// A row has at least one field.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Station {}

fn main() {}
