// A key column is not a float.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Star {
    #[dozer(primary_key)]
    right_ascension: f64,
    magnitude: f32,
}

fn main() {}
