use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(primary_key(name))]
struct Station {
    name: String,
}

fn main() {}
