//! The wire protocol against a real server.

#[path = "support/cluster.rs"]
mod cluster;

#[path = "wire/basics.rs"]
mod basics;

use std::sync::LazyLock;

use cluster::{Cluster, Options};

/// One server for all tests of this program.
static CLUSTER: LazyLock<Cluster> = LazyLock::new(|| Cluster::start(&Options::default()));
