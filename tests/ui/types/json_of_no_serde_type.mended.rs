use connector_core::DozerSource;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Tags(Vec<String>);

#[derive(DozerSource)]
struct Reading {
    #[dozer(json)]
    tags: Tags,
}

fn main() {}
