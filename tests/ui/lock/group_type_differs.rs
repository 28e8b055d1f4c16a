// A group that names the table and the lock file has its types compared, too.
use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(table = "stations", lock = "dozer.lock")]
struct Station {
    id: u64,
    #[dozer(flatten)]
    address: Address,
}

#[derive(DozerSource)]
#[dozer(table = "stations", lock = "dozer.lock")]
struct Address {
    street: String,
    city: u32,
}

fn main() {}
