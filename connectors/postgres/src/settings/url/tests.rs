use proptest::prelude::*;

use super::*;
use crate::SslMode;

fn message(url: &str) -> String {
    parse(url).unwrap_err().to_string()
}

#[test]
fn a_full_url_says_everything() {
    let said = parse(
        "postgresql://us%40er:p%2Fa:s%3Fs@db.example:6543/sa%20les?sslmode=verify-full&sslrootcert=/ca.pem\
         &sslcert=c.pem&sslkey=k.pem&application_name=app&connect_timeout=3&read_timeout=4&keepalives=0&keepalives_idle=9",
    )
    .unwrap();
    assert_eq!(said.user.as_deref(), Some("us@er"));
    assert_eq!(
        said.password.map(|p| p.expose().clone()).as_deref(),
        Some("p/a:s?s")
    );
    assert_eq!(said.host.as_deref(), Some("db.example"));
    assert_eq!(said.port, Some(6543));
    assert_eq!(said.database.as_deref(), Some("sa les"));
    assert_eq!(said.ssl_mode, Some(SslMode::VerifyFull));
    assert_eq!(said.root_certificate, Some("/ca.pem".into()));
    assert_eq!(said.certificate, Some("c.pem".into()));
    assert_eq!(said.key, Some("k.pem".into()));
    assert_eq!(said.application_name.as_deref(), Some("app"));
    assert_eq!(
        (said.connect_timeout, said.read_timeout),
        (Some(3), Some(4))
    );
    assert_eq!(
        (said.keepalives, said.keepalives_idle),
        (Some(false), Some(9))
    );
}

#[test]
fn the_host_may_be_an_ipv6_address_or_a_directory() {
    assert_eq!(
        parse("postgres://[::1]:5/x").unwrap().host.as_deref(),
        Some("::1")
    );
    assert_eq!(parse("postgres://[fe80::1]").unwrap().port, None);
    let socket = parse("postgres://me@/x?host=/var/run/postgresql&port=5433").unwrap();
    assert_eq!(socket.host.as_deref(), Some("/var/run/postgresql"));
    assert_eq!(socket.port, Some(5433));
    let encoded = parse("postgres://me@%2Ftmp%2Fs:1/x").unwrap();
    assert_eq!(encoded.host.as_deref(), Some("/tmp/s"));
    assert!(message("postgres://[::1").contains("`]`"));
    assert!(message("postgres://::1/x").contains("in brackets"));
}

#[test]
fn an_unknown_parameter_is_told_with_the_nearest_known_one() {
    let message = message("postgres://h/d?ssl_mode=require");
    assert_eq!(
        message,
        "`url` is not valid: unknown parameter `ssl_mode`\nhelp: did you mean `sslmode`?"
    );
}

#[test]
fn what_is_wrong_is_said_plainly() {
    assert!(message("mysql://h").contains("begin with `postgres://`"));
    assert!(message("postgres://a,b/d").contains("several hosts"));
    assert!(message("postgres://h/d/e").contains("second `/`"));
    assert!(message("postgres://h/d?port=1&port=2").contains("`port` twice"));
    assert!(message("postgres://h:1/d?port=2").contains("`port` twice"));
    assert!(message("postgres://h/d?sslmode=verify_full").contains("did you mean `verify-full`?"));
    assert!(message("postgres://h/d?user=").contains("no value"));
    assert!(message("postgres://h:99999/d").contains("not a number, or too large"));
    assert!(message("postgres://u:%zz@h").contains("two digits"));
    assert!(message("postgres://u:%ff@h").contains("UTF-8"));
    assert!(message("postgres://u:%00@h").contains("zero byte"));
}

#[test]
fn a_password_that_is_not_encoded_is_refused_and_not_shown() {
    for password in [
        "ca/nary",
        "ca?nary",
        "ca#nary",
        "ca/na?ry=x",
        "ca:na/ry",
        "can@ry/canary",
    ] {
        let message = message(&format!("postgres://me:{password}@host:5432/db"));
        for part in ["ca/", "nary", "ry=x", "canary"] {
            assert!(!message.contains(part), "{password}: {message}");
        }
    }
    // An `@` alone is not ambiguous: the last one ends the password.
    let said = parse("postgres://me:p@ss@host/db").unwrap();
    assert_eq!(
        said.password.map(|p| p.expose().clone()).as_deref(),
        Some("p@ss")
    );
}

proptest! {
    #[test]
    fn no_text_panics_and_no_error_repeats_a_password(text in "[ -~]{0,60}", user in "[a-z]{1,5}") {
        let _ = parse(&text);
        let _ = parse(&format!("postgres://{text}"));
        if let Err(error) = parse(&format!("postgres://{user}:canary{text}@host:5432/db")) {
            let printed = format!("{error} {error:?}");
            prop_assert!(!printed.contains("canary"));
        }
    }
}
