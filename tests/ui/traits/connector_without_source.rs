// A connector that is registered implements `Source`.
use connector_core::prelude::*;
use connector_core::registry::Registry;

#[derive(Debug, Deserialize, ConnectorConfig)]
#[connector(name = "weather")]
struct Weather {
    url: String,
}

fn connectors(registry: Registry) -> Registry {
    registry.connector::<Weather>()
}

fn main() {}
