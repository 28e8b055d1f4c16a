use connector_core::ConnectorConfig;
use serde::Deserialize;

#[derive(Deserialize, ConnectorConfig)]
#[connector(name = "weather")]
struct Weather {
    url: String,
}

fn main() {}
