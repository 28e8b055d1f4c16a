// A row has columns, so it is no unit struct.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Heartbeat;

fn main() {}
