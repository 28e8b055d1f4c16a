// Each key of a configuration is a named field.
use connector_core::ConnectorConfig;
use serde::Deserialize;

#[derive(Debug, Deserialize, ConnectorConfig)]
struct Weather(String);

fn main() {}
