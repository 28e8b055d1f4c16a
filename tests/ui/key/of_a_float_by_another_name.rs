// A key column is not a float, by whatever name its type goes.
use connector_core::DozerSource;

type Degrees = f64;

#[derive(DozerSource)]
struct Star {
    #[dozer(primary_key)]
    right_ascension: Degrees,
}

fn main() {}
