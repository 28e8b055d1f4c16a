use std::collections::BTreeMap;
use std::fmt::Debug;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{environment, from, origin, tagged, tree};
use crate::config::deserialize::read;
use crate::config::{AppConfig, ByteSize, ConfigPath, Ref, Secret};

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Login {
    #[expect(dead_code, reason = "the test reads what is wrong here")]
    Token { token: Secret<u32> },
    #[expect(dead_code, reason = "the test reads what is wrong here")]
    Password { user: u8, password: Secret<u32> },
}

#[derive(Debug, Deserialize)]
struct Flat {
    #[serde(flatten)]
    #[expect(dead_code, reason = "the test reads what is wrong here")]
    inner: Inner,
}

#[derive(Debug, Deserialize)]
struct Inner {
    #[expect(dead_code, reason = "the test reads what is wrong here")]
    password: Secret<u32>,
}

#[derive(Debug, Deserialize)]
enum Choice {
    First,
    Canaries,
}

/// A type whose error repeats the value.
#[derive(Debug)]
struct Chatty {
    #[expect(dead_code, reason = "it is never made")]
    text: String,
}

impl<'de> Deserialize<'de> for Chatty {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Err(serde::de::Error::custom(format!("`{text}` is wrong")))
    }
}

/// Every print of the error of reading `yaml` as a `T`.
fn prints<T: DeserializeOwned>(yaml: &str) -> String {
    let error = tree(yaml).and_then(|node| read::<T>(&node, &origin(), ""));
    let error = error.err().unwrap_or_else(|| panic!("{yaml} is read"));
    format!("{error}\n{error:?}\n{}", error.message())
}

fn hides<T: DeserializeOwned>(yaml: &str) {
    let printed = prints::<T>(yaml);
    assert!(!printed.contains("canary"), "{yaml}: {printed}");
    // A suggestion would tell what the value is like.
    assert!(
        !printed.contains("did you mean `Canaries`"),
        "{yaml}: {printed}"
    );
}

#[test]
fn no_error_shows_a_value_from_the_environment() {
    for yaml in [
        "${SECRET}",
        "a ${SECRET}",
        "'{{SECRET}}'",
        "[\"${SECRET}\"]",
        "{a: '${SECRET}'}",
    ] {
        hides::<u16>(yaml);
        hides::<bool>(yaml);
        hides::<ByteSize>(yaml);
        hides::<Chatty>(yaml);
        hides::<Vec<u16>>(yaml);
        hides::<BTreeMap<String, Chatty>>(yaml);
        hides::<Ref>(yaml);
        hides::<Login>(yaml);
        hides::<Flat>(yaml);
    }
    hides::<Choice>("${SECRET}");
    hides::<Choice>("!First ${SECRET}");
    hides::<Choice>("!Firs ${SECRET}x");
}

#[test]
fn no_error_shows_what_stands_in_a_secret() {
    hides::<Secret<u16>>("canary");
    hides::<Secret<bool>>("canary");
    hides::<Secret<ByteSize>>("canary");
    hides::<Secret<Chatty>>("canary");
    hides::<Secret<Vec<u16>>>("[canary]");
    hides::<Secret<BTreeMap<String, u16>>>("{a: canary}");
    hides::<Secret<Choice>>("canary");
    hides::<Login>("{user: 1, password: canary}");
    hides::<Login>("{token: canary}");
    hides::<Flat>("{password: canary}");
    let error = serde_json::from_str::<Secret<u16>>("\"canary\"").unwrap_err();
    assert!(!format!("{error} {error:?}").contains("canary"));
}

#[test]
fn an_error_in_a_secret_still_says_where_and_what_is_expected() {
    assert_eq!(
        from::<BTreeMap<String, Secret<u16>>>("a: 1\nb: canary\n")
            .unwrap_err()
            .to_string(),
        "a.yaml:2:4: b: expected a whole number from 0 to 65535, found the text (not shown)"
    );
    assert_eq!(
        from::<BTreeMap<String, Secret<Vec<u16>>>>("a: [1, canary]\n")
            .unwrap_err()
            .to_string(),
        "a.yaml:1:8: a[1]: expected a whole number from 0 to 65535, found the text (not shown)"
    );
    assert_eq!(
        from::<Secret<Chatty>>("canary").unwrap_err().to_string(),
        "a.yaml:1:1: the value is not valid (not shown)"
    );
    assert_eq!(
        from::<Secret<String>>("").unwrap_err().to_string(),
        "a.yaml:1:1: expected text, found nothing"
    );
}

#[test]
fn a_secret_is_read_and_never_printed() {
    let secret: Secret<String> = from("canary").unwrap();
    assert_eq!(secret.expose(), "canary");
    assert_eq!(format!("{secret} {secret:?}"), "[secret] [secret]");
    let secret: Secret<ConfigPath> = from("canary").unwrap();
    assert_eq!(
        secret.expose().as_path(),
        std::path::Path::new("/base/canary")
    );
    let numeric: Secret<String> = from("0123").unwrap();
    assert_eq!(numeric.expose(), "0123");
    let reference: Ref = from("!Ref ${SECRET}").unwrap();
    assert_eq!(reference.name().as_str(), "canary");
    assert_eq!(format!("{reference:?}"), "Ref((not shown) at 1:1)");
}

#[test]
fn the_debug_print_of_settings_shows_the_tag_and_the_keys_alone() {
    let node = tagged("!Postgres {host: canary, password: \"${SECRET}\", deep: {more: canary}}");
    assert_eq!(
        format!("{node:?}"),
        "Postgres(\"host\", \"password\", \"deep\")"
    );
    let node = tree("!T {a: canary, b: [canary, 1, ~]}").unwrap();
    assert_eq!(
        format!("{node:?}"),
        "!T {\"a\": the text, \"b\": [the text, the number, nothing]}"
    );
}

fn hides_in_app(yaml: &str) {
    let printed = match AppConfig::parse(yaml, "a.yaml", "", environment) {
        Ok(config) => {
            let config: &dyn Debug = &config;
            format!("{config:?} {config:#?}")
        }
        Err(error) => format!("{error}\n{error:?}"),
    };
    assert!(!printed.contains("canary"), "{yaml}: {printed}");
}

#[test]
fn no_print_of_an_application_shows_a_value_from_the_environment() {
    let connection = "connections: [{name: c, config: !X {url: \"${SECRET}\", t: canary}}]";
    let source = "name: s, connection: !Ref c, table_name: t";
    hides_in_app(&format!("app_name: a\n{connection}"));
    hides_in_app(&format!("app_name: ${{SECRET}} x\n{connection}"));
    hides_in_app(&format!("app_name: a\nmemory: ${{SECRET}}\n{connection}"));
    let references = ["!Ref \"${SECRET}\"", "\"${SECRET}\"", "!Reff \"${SECRET}\""];
    for reference in references {
        let source = format!("{{name: s, connection: {reference}, table_name: t}}");
        hides_in_app(&format!("app_name: a\n{connection}\nsources: [{source}]"));
    }
    let twice = "columns: [\"${SECRET}\", \"${SECRET}\"]";
    hides_in_app(&format!(
        "app_name: a\n{connection}\nsources: [{{{source}, {twice}}}]"
    ));
    hides_in_app(&format!(
        "app_name: a\n{connection}\nsources: [{{{source}, on_misfit: \"${{SECRET}}\"}}]"
    ));
    let named = "{name: \"${SECRET}\", config: !X {}}";
    hides_in_app(&format!("app_name: a\nconnections: [{named}, {named}]"));
    hides_in_app(&format!(
        "app_name: a\nconnections: [{named}]\nsources: [{{{source}}}]"
    ));
}
