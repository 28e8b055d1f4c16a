// The description of a column is its doc comment.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Reading {
    #[dozer(description = "Degrees Celsius.")]
    temperature: f64,
}

fn main() {}
