// The columns of a flattened group are columns of the table, too.
use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(table = "stations", lock = "dozer.lock")]
struct Station {
    id: u64,
    #[dozer(flatten)]
    address: Address,
}

#[derive(DozerSource)]
struct Address {
    street: String,
    town: String,
}

fn main() {}
