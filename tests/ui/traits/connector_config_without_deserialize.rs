// Settings that are read from the configuration derive `Deserialize`, too.
use connector_core::ConnectorConfig;

#[derive(ConnectorConfig)]
#[connector(name = "weather")]
struct Weather {
    url: String,
}

fn main() {}
