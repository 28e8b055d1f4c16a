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
    city: String,
}

fn main() {}
