use connector_core::DozerSource;

#[derive(DozerSource)]
struct Measured {
    celsius: f32,
    raw: u32,
}

fn main() {}
