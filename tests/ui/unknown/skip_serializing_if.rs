// A column is in every row, so there is no condition for leaving it out.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Reading {
    #[dozer(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
}

fn main() {}
