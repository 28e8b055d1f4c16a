// The function of `default` exists.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Station {
    #[dozer(default = unnamed)]
    name: String,
}

fn main() {}
