use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(table = "stations")]
struct Station {
    label: String,
}

fn main() {}
