use connector_core::ConnectorConfig;
use serde::Deserialize;

#[derive(Debug, Deserialize, ConnectorConfig)]
#[serde(rename_all = "kebab-case")]
struct Weather {
    page_size: u32,
    #[serde(rename = "page-limit")]
    limit: u32,
}

fn main() {}
