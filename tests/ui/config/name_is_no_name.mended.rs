use connector_core::ConnectorConfig;
use serde::Deserialize;

#[derive(Debug, Deserialize, ConnectorConfig)]
#[connector(name = "my_weather")]
struct Weather {
    url: String,
}

fn main() {}
