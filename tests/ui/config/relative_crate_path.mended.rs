use connector_core::ConnectorConfig;
use serde::Deserialize;

#[derive(Debug, Deserialize, ConnectorConfig)]
#[connector(crate = ::connector_core)]
struct Weather {
    url: String,
}

fn main() {}
