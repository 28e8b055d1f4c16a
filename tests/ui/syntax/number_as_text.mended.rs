use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(table = "2024")]
struct Station {
    name: String,
}

fn main() {}
