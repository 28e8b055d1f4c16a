// Each key of a configuration is listed by name, so a group of keys is not flattened in.
use connector_core::ConnectorConfig;
use serde::Deserialize;

#[derive(Debug, Deserialize, ConnectorConfig)]
struct Weather {
    url: String,
    #[serde(flatten)]
    retries: Retries,
}

#[derive(Debug, Deserialize)]
struct Retries {
    count: u32,
}

fn main() {}
