// A column of JSON has the field type `Json`.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Reading {
    #[dozer(json, field = Text)]
    tags: Vec<String>,
}

fn main() {}
