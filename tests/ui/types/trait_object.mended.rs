use connector_core::DozerSource;

#[derive(DozerSource)]
struct Reading {
    value: String,
}

fn main() {}
