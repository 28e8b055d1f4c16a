use connector_core::DozerSource;

#[derive(DozerSource)]
struct Star {
    #[dozer(primary_key)]
    number: u64,
    magnitude: f32,
}

fn main() {}
