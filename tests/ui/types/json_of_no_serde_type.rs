// A column of JSON is a type that serde writes.
use connector_core::DozerSource;

struct Tags(Vec<String>);

#[derive(DozerSource)]
struct Reading {
    #[dozer(json)]
    tags: Tags,
}

fn main() {}
