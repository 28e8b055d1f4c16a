// A variant of an enum of rows wraps a struct that derives `DozerSource`, too
use connector_core::DozerSource;

struct Station {
    id: u64,
}

#[derive(DozerSource)]
enum Tables {
    Stations(Station),
}

fn main() {}
