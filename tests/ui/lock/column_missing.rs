// Every field of a locked row is a column of the table.
use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(table = "stations", lock = "dozer.lock")]
struct Station {
    id: u64,
    owner: String,
}

fn main() {}
