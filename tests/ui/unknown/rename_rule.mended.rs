use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(rename_all = "UPPERCASE")]
struct Station {
    name: String,
}

fn main() {}
