use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(schema = "public")]
struct Station {
    name: String,
}

fn main() {}
