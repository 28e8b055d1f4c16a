// A key that resembles none is told with all that there are.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Station {
    #[dozer(index)]
    name: String,
}

fn main() {}
