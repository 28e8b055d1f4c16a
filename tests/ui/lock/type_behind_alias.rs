// A field's type reads its column's type, whatever it is called.
use connector_core::DozerSource;

type StationId = String;

#[derive(DozerSource)]
#[dozer(table = "stations", lock = "dozer.lock")]
struct Station {
    id: StationId,
}

fn main() {}
