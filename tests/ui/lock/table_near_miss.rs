// A table's name is as the lock file has it.
use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(table = "statoins", lock = "dozer.lock")]
struct Station {
    id: u64,
    name: String,
}

fn main() {}
