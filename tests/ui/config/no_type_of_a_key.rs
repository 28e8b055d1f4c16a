// A key has a type that can be described.
use connector_core::ConnectorConfig;
use serde::Deserialize;

#[derive(Debug, Deserialize, ConnectorConfig)]
struct Weather {
    position: (f64, f64),
}

fn main() {}
