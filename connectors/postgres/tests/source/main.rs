//! Postgres as a source, through what core calls.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

#[path = "../support/cluster.rs"]
mod cluster;
#[path = "../support/values.rs"]
mod values;

mod backlog;
mod began;
mod checks;
mod discovery;
mod idle;
mod key_ranges;
mod lag;
mod money;
mod out_of_line;
mod parts;
mod random;
mod read;
mod same_values;
mod typed;

use std::sync::LazyLock;

use cluster::{Cluster, Options};
use connector_core::connector::Connector as _;
use connector_postgres::Postgres;

/// The server of the tests that need no more of it than databases: one that is given, or the tests' own.
static CLUSTER: LazyLock<Cluster> =
    LazyLock::new(|| Cluster::given().unwrap_or_else(|| Cluster::start(&options())));

/// A server of the tests' own, for roles without a password and for what is set for the whole server.
fn own() -> &'static Cluster {
    static OWN: LazyLock<Cluster> = LazyLock::new(|| Cluster::start(&options()));
    if CLUSTER.is_given() { &OWN } else { &CLUSTER }
}

fn options() -> Options {
    Options {
        hba: "host all all 127.0.0.1/32 trust\nhost replication all 127.0.0.1/32 trust".to_owned(),
        ..Options::default()
    }
}

fn reads(url: String, database: &str) -> Postgres {
    let mut source = Postgres::new(url);
    source.named(&format!("tests/{database}"));
    source
}

/// The database on a server of the tests' own, read by this role.
fn source_as(role: &str, database: &str) -> Postgres {
    reads(own().url(role, database), database)
}

/// The database, read by the superuser.
fn source(database: &str) -> Postgres {
    reads(CLUSTER.superuser_url(database), database)
}
