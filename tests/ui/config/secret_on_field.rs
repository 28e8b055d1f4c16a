// A key that must never be shown has a type that says so.
use connector_core::ConnectorConfig;
use serde::Deserialize;

#[derive(Debug, Deserialize, ConnectorConfig)]
struct Weather {
    #[connector(secret)]
    token: String,
}

fn main() {}
