use connector_core::DozerSource;

#[derive(DozerSource)]
struct Station {
    name: String,
}

fn main() {}
