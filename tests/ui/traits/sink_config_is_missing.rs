// The settings of a sink that is registered implement `SinkConfig`.
use connector_core::prelude::*;
use connector_core::registry::Registry;

#[derive(Debug, Deserialize, ConnectorConfig)]
#[connector(name = "csv")]
struct Csv {
    file: String,
}

fn sinks(registry: Registry) -> Registry {
    registry.sink::<Csv>()
}

fn main() {}
