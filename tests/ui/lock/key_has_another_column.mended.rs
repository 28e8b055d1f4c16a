use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(table = "stations", lock = "dozer.lock")]
struct Station {
    #[dozer(primary_key)]
    id: u64,
    name: String,
}

fn main() {}
