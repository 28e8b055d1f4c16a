use connector_core::DozerSource;

type Degrees = i64;

#[derive(DozerSource)]
struct Star {
    #[dozer(primary_key)]
    right_ascension: Degrees,
}

fn main() {}
