//! The configuration.

use connector_core::connector::Connector;
use connector_core::{AppConfig, Error};
use serde_json::{Map, Value, json};

use crate::bench::Context;
use crate::fixture::Settings;
use crate::outcome::{Done, Failure, Outcome, ensure};

const NONE: &str = "the fixture gives no settings";

/// The connector of these settings, by way of a whole configuration file.
fn open(settings: &Settings, values: &Map<String, Value>) -> Result<Box<dyn Connector>, Error> {
    let inner = values
        .iter()
        .map(|(key, value)| format!("      {}: {value}", json!(key)))
        .collect::<Vec<_>>()
        .join("\n");
    let inner = if inner.is_empty() {
        String::new()
    } else {
        format!("\n{inner}")
    };
    let text = format!(
        "app_name: conformance\nconnections:\n  - name: subject\n    config: !{}{inner}\nsources: []\nsinks: []\n",
        settings.tag
    );
    let config = AppConfig::parse(&text, "dozer.yaml", ".", |_| None)?;
    let connection = config
        .connections
        .first()
        .ok_or_else(|| Error::protocol("the connection is lost"))?;
    settings.registry.open_connector(&connection.config)
}

pub(crate) fn whole_settings_open_the_connector(context: &Context<'_>) -> Outcome {
    let bench = context.bench()?;
    let Some(settings) = bench.source.settings() else {
        return Done::not_applicable(NONE);
    };
    let connector = open(&settings, &settings.values)?;
    connector.validate(None)?;
    connector.get_tables(None)?;
    Done::passed(settings.values.len(), "settings")
}

pub(crate) fn a_missing_setting_is_named(context: &Context<'_>) -> Outcome {
    // Open as long as its settings are tried.
    let bench = context.bench()?;
    let Some(settings) = bench.source.settings() else {
        return Done::not_applicable(NONE);
    };
    let mut tried = 0;
    for key in settings.keys.iter().filter(|key| key.required) {
        let mut values = settings.values.clone();
        values.remove(key.name);
        names(key.name, open(&settings, &values), "is missing")?;
        tried += 1;
    }
    if tried == 0 {
        return Done::not_applicable("no setting is required");
    }
    Done::passed(tried, "settings")
}

pub(crate) fn an_unknown_setting_is_named(context: &Context<'_>) -> Outcome {
    // Open as long as its settings are tried.
    let bench = context.bench()?;
    let Some(settings) = bench.source.settings() else {
        return Done::not_applicable(NONE);
    };
    let mut tried = 0;
    let misspelt = settings.keys.iter().map(|key| format!("{}x", key.name));
    for name in misspelt.chain(["no_such_setting".to_owned()]) {
        let mut values = settings.values.clone();
        values.insert(name.clone(), json!(1));
        names(&name, open(&settings, &values), "is not known")?;
        tried += 1;
    }
    Done::passed(tried, "settings")
}

pub(crate) fn a_setting_of_the_wrong_type_is_named(context: &Context<'_>) -> Outcome {
    // Open as long as its settings are tried.
    let bench = context.bench()?;
    let Some(settings) = bench.source.settings() else {
        return Done::not_applicable(NONE);
    };
    for key in &settings.keys {
        let mut values = settings.values.clone();
        values.insert(key.name.to_owned(), json!({ "a mapping": [1] }));
        names(key.name, open(&settings, &values), "has the wrong type")?;
    }
    Done::passed(settings.keys.len(), "settings")
}

fn names(key: &str, opened: Result<Box<dyn Connector>, Error>, what: &str) -> Result<(), Failure> {
    let Err(error) = opened else {
        return Err(Failure::new(format!(
            "`{key}` {what}, and the connector opens"
        )));
    };
    ensure!(
        error.to_string().contains(key),
        "`{key}` {what}, and the error does not name it: {error}"
    );
    Ok(())
}

pub(crate) fn secrets_are_shown_nowhere(context: &Context<'_>) -> Outcome {
    const CANARY: &str = "c4n4ry-0f-the-kit";
    // Open as long as its settings are tried.
    let bench = context.bench()?;
    let Some(settings) = bench.source.settings() else {
        return Done::not_applicable(NONE);
    };
    let (mut tried, mut opened) = (0, 0);
    for key in settings.keys.iter().filter(|key| key.secret) {
        let mut values = settings.values.clone();
        let is_url = values
            .get(key.name)
            .and_then(Value::as_str)
            .is_some_and(|text| text.contains("://"));
        let secret = if is_url {
            // Nobody listens on port 1.
            format!(
                "{}://user:{CANARY}@127.0.0.1:1/x",
                scheme(&values, key.name)
            )
        } else {
            CANARY.to_owned()
        };
        values.insert(key.name.to_owned(), json!(secret));
        let mut seen = Vec::new();
        let mut say = |result: Result<(), Error>| {
            if let Err(error) = result {
                seen.push(format!("{error} {error:?}"));
            }
        };
        // It may go with no other key, which its error says.
        match open(&settings, &values) {
            Err(error) => say(Err(error)),
            Ok(connector) => {
                opened += 1;
                say(connector.validate(None));
                say(connector.get_tables(None).map(drop));
                say(connector.current_position().map(drop));
                seen.push(format!("{connector:?} {connector:#?}"));
            }
        }
        let shown = seen.iter().find(|text| text.contains(CANARY));
        ensure!(
            shown.is_none(),
            "the secret under `{}` is shown: {}",
            key.name,
            shown.map_or_else(String::new, |text| text.replace(CANARY, "(the secret)"))
        );
        tried += 1;
    }
    if tried == 0 {
        return Done::not_applicable("no setting is a secret");
    }
    ensure!(opened > 0, "with no other secret the connector opens");
    Done::passed(tried, "secrets")
}

fn scheme<'v>(values: &'v Map<String, Value>, key: &str) -> &'v str {
    let text = values.get(key).and_then(Value::as_str).unwrap_or_default();
    text.split("://").next().unwrap_or_default()
}
