// The name of a connector is given once.
use connector_core::ConnectorConfig;
use serde::Deserialize;

#[derive(Debug, Deserialize, ConnectorConfig)]
#[connector(name = "weather", name = "meteo")]
struct Weather {
    url: String,
}

fn main() {}
