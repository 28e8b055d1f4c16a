use connector_postgres::Settings;
use connector_postgres::wire::{Connection, Mode};

use crate::{CLUSTER, ENCODED, open, refused};

fn logs_in(login: &str, parameters: &str) {
    let mut connection = open(login, parameters).unwrap_or_else(|error| panic!("{login}: {error}"));
    let rows = connection.query("SELECT current_user AS me").unwrap();
    let me = rows.one().unwrap().text("me").unwrap();
    assert_eq!(login.split(':').next(), Some(me));
}

#[test]
fn each_method_logs_in_with_tls_and_without() {
    for mode in ["disable", "require"] {
        let mode = format!("sslmode={mode}");
        logs_in("trust", &mode);
        logs_in(&format!("scram:{ENCODED}"), &mode);
        logs_in(&format!("md5:{ENCODED}"), &mode);
    }
    logs_in(&format!("password:{ENCODED}"), "sslmode=require");
}

#[test]
fn a_password_in_clear_needs_tls_or_a_unix_socket() {
    let error = refused(open(&format!("password:{ENCODED}"), "sslmode=disable"));
    assert!(error.message().contains("in clear text"), "{error}");
    assert!(error.help().unwrap().contains("scram-sha-256"));
    let directory = CLUSTER.socket_directory().display();
    let url = format!(
        "postgres://password:{ENCODED}@/postgres?host={directory}&port={}",
        CLUSTER.port()
    );
    Connection::open(&Settings::from_url(&url).unwrap(), Mode::Query).unwrap();
}

#[test]
fn a_wrong_password_is_told_as_such() {
    for role in ["scram", "md5", "password"] {
        let error = refused(open(&format!("{role}:canary"), "sslmode=require"));
        assert!(
            error.message().contains("password authentication failed"),
            "{error}"
        );
        assert_eq!(error.help(), Some("check the user and the password"));
        assert!(!error.is_transient());
    }
    let error = refused(open("scram", "sslmode=require"));
    assert!(
        error.message().contains("asks user `scram` for a password"),
        "{error}"
    );
}

#[test]
fn a_user_without_a_rule_or_with_a_refusal_is_sent_to_the_rules() {
    for role in ["refused", "nobody_has_this_name"] {
        let error = refused(open(role, "sslmode=disable"));
        assert!(error.message().contains("SQLSTATE 28000"), "{error}");
        assert!(error.help().unwrap().contains("`pg_hba.conf`"), "{error}");
        assert!(!error.is_transient());
    }
}

#[test]
fn a_database_that_is_missing_is_told_as_such() {
    let settings = CLUSTER.settings("no_such_database");
    let error = refused(Connection::open(&settings, Mode::Query));
    assert!(error.message().contains("no_such_database"), "{error}");
    assert_eq!(error.help(), Some("check the name of the database"));
}
