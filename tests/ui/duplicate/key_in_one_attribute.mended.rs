use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(table = "stations")]
struct Station {
    name: String,
}

fn main() {}
