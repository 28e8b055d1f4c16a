// The listed keys are those that serde reads, so it reads the struct itself.
use connector_core::ConnectorConfig;
use serde::Deserialize;

#[derive(Debug, Deserialize, ConnectorConfig)]
#[serde(try_from = "Unchecked")]
struct Weather {
    url: String,
}

#[derive(Deserialize)]
struct Unchecked {
    address: String,
}

impl TryFrom<Unchecked> for Weather {
    type Error = String;

    fn try_from(unchecked: Unchecked) -> Result<Self, String> {
        Ok(Self { url: unchecked.address })
    }
}

fn main() {}
