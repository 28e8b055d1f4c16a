use connector_core::{ConnectorConfig, Secret};
use serde::Deserialize;

#[derive(Debug, Deserialize, ConnectorConfig)]
struct Weather {
    token: Secret<String>,
}

fn main() {}
