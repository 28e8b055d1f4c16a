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

static CLUSTER: LazyLock<Cluster> = LazyLock::new(|| {
    Cluster::start(&Options {
        hba: "host all all 127.0.0.1/32 trust\nhost replication all 127.0.0.1/32 trust".to_owned(),
        ..Options::default()
    })
});

/// The database, read by this role.
fn source_as(role: &str, database: &str) -> Postgres {
    let mut source = Postgres::new(CLUSTER.url(role, database));
    source.named(&format!("tests/{database}"));
    source
}

/// The database, read by the superuser.
fn source(database: &str) -> Postgres {
    source_as(cluster::SUPERUSER, database)
}
