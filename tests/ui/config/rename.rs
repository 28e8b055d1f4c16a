// The name of a connector is `name`.
use connector_core::ConnectorConfig;
use serde::Deserialize;

#[derive(Debug, Deserialize, ConnectorConfig)]
#[connector(rename = "meteo")]
struct Weather {
    url: String,
}

fn main() {}
