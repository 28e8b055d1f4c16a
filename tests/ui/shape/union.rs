// A row is a struct, not a union.
use connector_core::DozerSource;

#[derive(DozerSource)]
union Measured {
    celsius: f32,
    raw: u32,
}

fn main() {}
