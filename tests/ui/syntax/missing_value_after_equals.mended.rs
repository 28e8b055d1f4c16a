use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(tracking = "full_changes")]
struct Station {
    name: String,
}

fn main() {}
