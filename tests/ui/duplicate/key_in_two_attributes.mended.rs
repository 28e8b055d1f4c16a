use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(schema = "public")]
#[dozer(table = "stations")]
struct Station {
    name: String,
}

fn main() {}
