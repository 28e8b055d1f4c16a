use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(table = "stations", lock = "dozer.lock")]
struct Station {
    id: u64,
    height: Option<i64>,
}

fn main() {}
