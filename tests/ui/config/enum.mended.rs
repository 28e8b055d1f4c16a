use connector_core::ConnectorConfig;
use serde::Deserialize;

#[derive(Debug, Deserialize, ConnectorConfig)]
struct Weather {
    url: Option<String>,
    path: Option<String>,
}

fn main() {}
