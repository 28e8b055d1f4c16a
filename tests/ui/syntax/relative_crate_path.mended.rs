use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(crate = ::connector_core)]
struct Station {
    name: String,
}

fn main() {}
