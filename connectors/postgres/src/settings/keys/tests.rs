use std::path::Path;
use std::time::Duration;

use connector_core::AppConfig;

use super::*;
use crate::settings::Host;

fn read(settings: &str) -> Result<Postgres> {
    let yaml = format!("app_name: a\nconnections: [{{name: c, config: !Postgres {settings}}}]\n");
    let environment = |name: &str| (name == "SECRET").then(|| "canary".to_owned());
    let config = AppConfig::parse(&yaml, "a.yaml", "/base", environment)?;
    config.connections[0].config.read()
}

fn settings(settings: &str) -> Result<Settings> {
    read(settings)?.settings()
}

#[test]
fn keys_and_url_say_the_same() {
    let by_url = settings("{url: 'postgres://u:p@h:1/d?sslmode=verify-ca&sslrootcert=/base/ca'}");
    let by_keys = settings(
        "{host: h, port: 1, user: u, password: p, database: d, ssl_mode: verify-ca, ssl_root_certificate: ca}",
    );
    let (by_url, by_keys) = (by_url.unwrap(), by_keys.unwrap());
    assert_eq!(by_url.to_string(), "h:1, database `d`, user `u`");
    assert_eq!(by_url.password(), Some("p"));
    assert_eq!(by_keys.root_certificate(), Some(Path::new("/base/ca")));
    assert_eq!(format!("{by_url:?}"), format!("{by_keys:?}"));
}

#[test]
fn what_is_left_out_has_a_value() {
    let settings = settings("{user: u}").unwrap();
    assert_eq!(
        settings.to_string(),
        "localhost:5432, database `u`, user `u`"
    );
    assert_eq!(settings.ssl_mode(), SslMode::Prefer);
    assert_eq!(settings.connect_timeout(), Duration::from_secs(10));
    assert_eq!(settings.read_timeout(), None);
    assert_eq!(settings.keepalives_idle(), Some(Duration::from_secs(30)));
}

#[test]
fn a_directory_is_a_socket() {
    let settings = settings("{user: u, host: /run/pg, port: 7}").unwrap();
    assert_eq!(settings.host(), &Host::Socket("/run/pg".into()));
    assert_eq!(settings.server(), "/run/pg/.s.PGSQL.7");
}

#[test]
fn a_url_in_the_place_of_the_host_is_not_repeated() {
    for host in ["postgres://u:canary@h/d", "u:canary@h"] {
        let error = settings(&format!("{{user: u, host: '{host}'}}")).unwrap_err();
        let text = format!("{error} {error:?}");
        assert!(!text.contains("canary"), "{text}");
        assert!(text.contains("put it under `url`"), "{text}");
    }
}

#[test]
fn the_name_of_a_slot_is_looked_at_before_anything_is_begun() {
    let error = settings("{user: u, slot: 'Bad-Slot; drop'}").unwrap_err();
    assert_eq!(error.key(), Some("slot"));
    assert!(error.to_string().contains("lower-case letters"), "{error}");
}

#[test]
fn nothing_is_said_twice() {
    let error = settings("{url: 'postgres://u@h/d', host: other}").unwrap_err();
    assert_eq!(
        error.to_string(),
        "the key `host` and the `url` say the same thing\n\
         help: remove the key `host`, or that part of the `url`"
    );
    settings("{url: 'postgres://u@h/d', password: '${SECRET}', ssl_mode: verify-full}").unwrap();
}

#[test]
fn contradictions_are_found() {
    let cases = [
        ("{}", "the user is missing"),
        (
            "{user: u, ssl_certificate: c}",
            "the key of the client certificate",
        ),
        ("{user: u, ssl_key: k}", "the client certificate is missing"),
        ("{user: u, ssl_root_certificate: r}", "`prefer` checks none"),
        (
            "{user: u, host: /tmp, ssl_mode: require}",
            "a Unix socket has no TLS",
        ),
        ("{user: u, port: 0}", "a port other than 0"),
        ("{user: u, connect_timeout: 0}", "at least 1"),
        ("{user: u, ssl_mode: verify}", "unknown value `verify`"),
        ("{user: u, sslmode: disable}", "unknown key `sslmode`"),
        ("{user: \"u\\0v\"}", "zero byte"),
    ];
    for (keys, expected) in cases {
        let error = settings(keys).unwrap_err().to_string();
        assert!(error.contains(expected), "{keys}: {error}");
    }
}

#[test]
fn the_secrets_are_declared_and_never_printed() {
    let secrets: Vec<_> = Postgres::keys()
        .into_iter()
        .filter(|key| key.secret)
        .collect();
    let names: Vec<_> = secrets.iter().map(|key| key.name).collect();
    assert_eq!(names, ["url", "password"]);
    for yaml in [
        "{user: u, password: canary}",
        "{user: u, password: '${SECRET}'}",
        "{url: 'postgres://u:canary@h/d'}",
        "{url: 'postgres://u:${SECRET}@h/d?password=canary'}",
        "{url: 'postgres://u:canary@h/d', password: canary}",
        "{url: '${SECRET}'}",
        "{url: 'postgres://h:canary/d'}",
        "{url: 'postgres://h/d?sslmode=canary'}",
    ] {
        let keys = read(yaml).unwrap();
        let settings = keys.settings();
        let shown = match &settings {
            Ok(settings) => settings.to_string(),
            Err(error) => error.to_string(),
        };
        let printed = format!("{keys:?} {settings:?} {shown}");
        assert!(!printed.contains("canary"), "{printed}");
    }
}
