// The name of a connector is a word that can stand in a file and on the command line.
use connector_core::ConnectorConfig;
use serde::Deserialize;

#[derive(Debug, Deserialize, ConnectorConfig)]
#[connector(name = "My Weather")]
struct Weather {
    url: String,
}

fn main() {}
