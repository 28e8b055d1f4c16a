// A row without `table` is named after its struct, which the lock file may know otherwise.
use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(lock = "dozer.lock")]
struct Station {
    id: u64,
    name: String,
}

fn main() {}
