use connector_core::DozerSource;

#[derive(DozerSource)]
struct Reading {
    /// Degrees Celsius.
    temperature: f64,
}

fn main() {}
