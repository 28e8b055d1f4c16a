//! Settings that do not go together are told with their place in the configuration, before a server is asked.

use crate::support::Place;

/// The configuration is wrong.
const USAGE: i32 = 2;

/// A place whose one connection, from line 3 on, has these settings.
fn place(settings: &str) -> Place {
    Place::with(&format!(
        "app_name: shop\n\
         connections:\n  \
           - name: shop\n    \
             config: !Postgres\n      \
               {settings}\n\
         sources:\n  \
           - {{ name: person, connection: !Ref shop, table_name: person }}\n\
         sinks:\n  \
           - {{ name: out, config: !Null {{}} }}\n"
    ))
}

#[test]
fn what_is_wrong_with_the_settings_is_shown_with_its_place() {
    for (settings, message) in [
        (
            "url: postgres://u:c4n4ry@h/d?sslmode=verify",
            "error: dozer.yaml:5:12: connections[0].config.url: `sslmode` has an unknown value\nhelp: ",
        ),
        (
            "url: 'postgres://u:${PASSWORD}@h/d?ssl=on'",
            "error: dozer.yaml:5:12: connections[0].config.url: `url` is not valid: unknown parameter `ssl`\nhelp: ",
        ),
        (
            "url: postgres://u@h/d\n      host: other",
            "error: dozer.yaml:6:13: connections[0].config.host: the key `host` and the `url` say the same thing\n\
             help: remove the key `host`, or that part of the `url`\n",
        ),
        (
            "user: u\n      host: 127.0.0.1\n      port: 1\n      ssl_mode: verify-full\n      ssl_root_certificate: away.pem",
            "error: dozer.yaml:9:29: connections[0].config.ssl_root_certificate: the certificate file `away.pem` cannot be used: ",
        ),
        (
            "url: postgres://u@127.0.0.1:1/d?sslmode=verify-full&sslrootcert=away.pem",
            "error: dozer.yaml:4:13: connections[0].config: the certificate file `away.pem` cannot be used: ",
        ),
        (
            "user: u\n      ssl_key: away.key",
            "error: dozer.yaml:6:16: connections[0].config.ssl_key: the client certificate is missing\nhelp: ",
        ),
        (
            "host: h",
            "error: dozer.yaml:4:13: connections[0].config: the user is missing\nhelp: ",
        ),
    ] {
        let place = place(settings);
        for command in ["migrate", "app run --once", "connector clean --yes"] {
            let started = place.start_with(command, &[("PASSWORD", "c4n4ry")]);
            let ran = started.finish(place.path());
            assert_eq!(ran.code, Some(USAGE), "{command}: {ran}");
            assert!(ran.err.contains(message), "{command}: {message}: {ran}");
            assert!(!ran.to_string().contains("c4n4ry"), "{ran}");
        }
    }
}
