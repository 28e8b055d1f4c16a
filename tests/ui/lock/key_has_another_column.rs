// Only the key's columns of the table are the key of a locked row.
use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(table = "stations", lock = "dozer.lock")]
struct Station {
    #[dozer(primary_key)]
    id: u64,
    #[dozer(primary_key)]
    name: String,
}

fn main() {}
