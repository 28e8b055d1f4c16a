// The function of `default` gives the field's type.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Station {
    #[dozer(default = unnamed)]
    name: String,
}

fn unnamed() -> u32 {
    0
}

fn main() {}
