// What serde says of a key is said in serde's attribute.
use connector_core::ConnectorConfig;
use serde::Deserialize;

#[derive(Debug, Deserialize, ConnectorConfig)]
struct Weather {
    #[connector(default)]
    retries: u32,
}

fn main() {}
