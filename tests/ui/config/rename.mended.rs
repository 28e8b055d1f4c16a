use connector_core::ConnectorConfig;
use serde::Deserialize;

#[derive(Debug, Deserialize, ConnectorConfig)]
#[connector(name = "meteo")]
struct Weather {
    url: String,
}

fn main() {}
