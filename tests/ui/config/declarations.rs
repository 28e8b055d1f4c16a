use connector_core::ConnectorConfig;
use serde::Deserialize;

#[derive(Deserialize, ConnectorConfig)]
#[connector(name = "My Source", rename = "x")]
struct Named {
    a: String,
}

#[derive(Deserialize, ConnectorConfig)]
struct Flattened {
    #[serde(flatten)]
    named: Other,
    #[connector(default)]
    a: String,
}

#[derive(Deserialize)]
struct Other {}

#[derive(Deserialize, ConnectorConfig)]
enum Choice {
    A,
}

#[derive(Deserialize, ConnectorConfig)]
struct Unsupported {
    a: (u8, u8),
}

fn main() {}
