use connector_core::DozerSource;

#[derive(DozerSource)]
struct Reading {
    station: String,
    temperature: f64,
}

fn main() {}
