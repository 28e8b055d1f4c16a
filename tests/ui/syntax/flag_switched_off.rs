// A key that is on when it is written is switched off by leaving it out.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Station {
    #[dozer(primary_key = false)]
    name: String,
}

fn main() {}
