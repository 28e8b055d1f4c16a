use connector_core::DozerSource;
use serde::Serialize;

#[derive(Serialize, DozerSource)]
struct Reading {
    #[serde(rename = "temp")]
    temperature: f64,
}

fn main() {}
