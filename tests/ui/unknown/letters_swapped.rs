// Swapped letters are one typing mistake.
use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(tabel = "stations")]
struct Station {
    name: String,
}

fn main() {}
