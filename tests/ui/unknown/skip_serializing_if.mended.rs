use connector_core::DozerSource;

#[derive(DozerSource)]
struct Reading {
    temperature: Option<f64>,
}

fn main() {}
