//! The wire protocol against a real server.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

#[path = "../support/certificates.rs"]
mod certificates;
#[path = "../support/cluster.rs"]
mod cluster;

mod copy;
mod errors;
mod interceptor;
mod login;
mod query;
mod replication;
mod tls;

use std::sync::LazyLock;

use certificates::Authority;
use cluster::{Cluster, Options, ServerTls};
use connector_postgres::Settings;
use connector_postgres::wire::{Connection, Mode, PgError};

/// The password of every role, to be looked for where it must not be.
const CANARY: &str = "canary/p@ss:w?rd";
const ENCODED: &str = "canary%2Fp%40ss%3Aw%3Frd";

/// One server for all tests of this program: each role logs in by the method it is named after.
static CLUSTER: LazyLock<Cluster> = LazyLock::new(|| {
    let server = SERVER_AUTHORITY.issue("server", &["localhost"]);
    let methods = [
        ("trust", "trust"),
        ("scram", "scram-sha-256"),
        ("md5", "md5"),
        ("password", "password"),
        ("refused", "reject"),
    ];
    let rule = |(role, method)| {
        format!("local all {role} {method}\nhost all {role} 127.0.0.1/32 {method}\n")
    };
    let hba = methods.map(rule).concat()
        + "hostssl all certified 127.0.0.1/32 cert\n\
           hostnossl all plain 127.0.0.1/32 trust\n\
           hostssl all plain 127.0.0.1/32 reject\n";
    let cluster = Cluster::start(&Options {
        conf: "wal_sender_timeout = 3s".into(),
        hba,
        tls: Some(ServerTls {
            certificate: server.certificate,
            key: server.key,
            client_authority: CLIENT_AUTHORITY.certificate(),
        }),
        ..Options::default()
    });
    let mut connection = cluster.connect("postgres");
    for role in [
        "trust",
        "scram",
        "password",
        "refused",
        "certified",
        "plain",
    ] {
        let sql = format!("CREATE ROLE {role} LOGIN PASSWORD '{CANARY}'");
        connection.execute(&sql).expect("a role");
    }
    let sql = format!("SET password_encryption = md5; CREATE ROLE md5 LOGIN PASSWORD '{CANARY}'");
    connection.execute(&sql).expect("a role");
    cluster
});

static SERVER_AUTHORITY: LazyLock<Authority> = LazyLock::new(|| Authority::new("server's"));
static CLIENT_AUTHORITY: LazyLock<Authority> = LazyLock::new(|| Authority::new("clients'"));

/// A connection of this login to `postgres` with these parameters.
fn open(login: &str, parameters: &str) -> Result<Connection, PgError> {
    let settings = Settings::from_url(&CLUSTER.url(login, &format!("postgres?{parameters}")));
    Connection::open(&settings.expect("settings"), Mode::Query)
}

/// The error that every print of has been searched for the password.
fn refused(opened: Result<Connection, PgError>) -> connector_core::Error {
    let error = opened.expect_err("refused");
    let printed = format!("{error} {error:?}");
    let error = connector_core::Error::from(error);
    let printed = format!("{printed} {error} {error:?}");
    assert!(!printed.contains("canary"), "{printed}");
    error
}
