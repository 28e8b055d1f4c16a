//! The `dozer` command over Postgres, from a configuration file to what its sinks hold. The servers are the tests' own.
#![cfg(unix)]

mod backlog;
mod broken;
#[path = "../../../connectors/postgres/tests/support/cluster.rs"]
mod cluster;
mod copies;
mod drift;
mod evolve;
mod generate;
#[rustfmt::skip]
#[allow(dead_code, reason = "the columns to read")]
mod generated;
mod lag;
mod load;
mod lost;
#[cfg(target_os = "linux")]
mod memory;
mod network;
mod proxy;
mod published;
mod readiness;
mod schema_change;
mod secrets;
mod semantics;
mod settings;
mod shop;
mod sink;
#[allow(
    dead_code,
    unused_imports,
    reason = "each test program uses the part of this that it needs"
)]
#[path = "../command/support/mod.rs"]
mod support;
mod unpublished;
