// A configuration is a struct.
use connector_core::ConnectorConfig;
use serde::Deserialize;

#[derive(Debug, Deserialize, ConnectorConfig)]
enum Weather {
    Online { url: String },
    Offline { path: String },
}

fn main() {}
