// `lock` belongs on each row struct, whose table it is about.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Station {
    id: u64,
}

#[derive(DozerSource)]
#[dozer(lock = "dozer.lock")]
enum Tables {
    Stations(Station),
}

fn main() {}
