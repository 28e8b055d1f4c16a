//! Postgres as a sink, through what core calls.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

#[path = "../support/cluster.rs"]
mod cluster;
#[path = "../../../../tests/tests/postgres/proxy.rs"]
#[allow(
    dead_code,
    reason = "each test program uses the part of this that it needs"
)]
mod proxy;

mod changes;
mod compare;
mod cut;
mod given;
mod names;
mod random;
mod runs;
mod snapshot;
mod values;

use std::sync::LazyLock;

use cluster::Cluster;

static CLUSTER: LazyLock<Cluster> = LazyLock::new(Cluster::given_or_start);
