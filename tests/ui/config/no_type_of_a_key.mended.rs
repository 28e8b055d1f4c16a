use connector_core::ConnectorConfig;
use serde::Deserialize;

#[derive(Debug, Deserialize, ConnectorConfig)]
struct Weather {
    latitude: f64,
    longitude: f64,
}

fn main() {}
