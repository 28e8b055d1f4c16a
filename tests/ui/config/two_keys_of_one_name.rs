// Each key of a configuration has a name of its own, also after serde's renames.
#![allow(unreachable_patterns)]

use connector_core::ConnectorConfig;
use serde::Deserialize;

#[derive(Debug, Deserialize, ConnectorConfig)]
#[serde(rename_all = "kebab-case")]
struct Weather {
    page_size: u32,
    #[serde(rename = "page-size")]
    limit: u32,
}

fn main() {}
