use connector_core::DozerSource;

#[derive(DozerSource)]
struct Reading {
    temperature: f64,
}

#[derive(DozerSource)]
enum Weather {
    Readings(Reading),
}

fn main() {}
