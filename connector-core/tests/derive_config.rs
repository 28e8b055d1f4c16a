//! The keys of a configuration that `#[derive(ConnectorConfig)]` lists.
#![cfg(feature = "derive")]

use connector_core::config::ConfigValue;
use connector_core::{ConnectorConfig, Secret};
use serde::Deserialize;

/// Readings of a weather service.
#[derive(Debug, Deserialize, ConnectorConfig)]
#[connector(name = "weather")]
#[serde(rename_all = "camelCase")]
#[allow(dead_code, reason = "only its keys matter")]
struct Weather {
    /// Where the service is.
    base_url: String,
    token: Secret<String>,
    #[serde(default)]
    retries: u32,
    #[serde(default = "ten", rename = "limit")]
    max_rows: u64,
    stations: Option<Vec<String>>,
    #[serde(skip)]
    opened: bool,
    r#type: String,
}

fn ten() -> u64 {
    10
}

/// Every key has a default.
#[derive(Debug, Default, Deserialize, ConnectorConfig)]
#[serde(default)]
#[allow(dead_code, reason = "only its keys matter")]
struct LocalFiles<T>
where
    T: Default,
{
    path: T,
}

#[test]
fn keys_have_the_names_that_serde_reads() {
    let keys: Vec<_> = Weather::keys()
        .into_iter()
        .map(|key| (key.name, key.required, key.secret))
        .collect();
    assert_eq!(
        keys,
        [
            ("baseUrl", true, false),
            ("token", true, true),
            ("retries", false, false),
            ("limit", false, false),
            ("stations", false, false),
            ("type", true, false),
        ]
    );
    assert_eq!(Weather::keys()[0].description, "Where the service is.");
    let json = r#"{ "baseUrl": "u", "token": "t", "type": "x" }"#;
    let read: Weather = serde_json::from_str(json).expect("the required keys are enough");
    assert_eq!((read.max_rows, read.opened), (10, false));
}

#[test]
fn the_connector_has_a_name_and_a_description() {
    assert_eq!(
        (Weather::NAME, Weather::DESCRIPTION),
        ("weather", "Readings of a weather service.")
    );
    assert_eq!(<LocalFiles<String> as ConnectorConfig>::NAME, "local_files");
    assert!(!<LocalFiles<String> as ConnectorConfig>::keys()[0].required);
    assert_eq!(<String as ConfigValue>::schema()["type"], "string");
}
