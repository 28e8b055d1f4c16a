use connector_core::ConnectorConfig;
use serde::Deserialize;

#[derive(Debug, Deserialize, ConnectorConfig)]
struct Weather {
    #[serde(default)]
    retries: u32,
}

fn main() {}
