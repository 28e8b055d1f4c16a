// Attributes of other crates stand beside this one, not in it.
use connector_core::DozerSource;
use serde::Serialize;

#[derive(Serialize, DozerSource)]
struct Reading {
    #[dozer(serde(rename = "temp"))]
    temperature: f64,
}

fn main() {}
