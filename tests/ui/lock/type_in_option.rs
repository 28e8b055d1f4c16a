// The type in an `Option` reads the column's type.
use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(table = "stations", lock = "dozer.lock")]
struct Station {
    id: u64,
    height: Option<Vec<u8>>,
}

fn main() {}
