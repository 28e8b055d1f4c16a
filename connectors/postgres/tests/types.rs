//! Both wire forms of every type, as a real server writes them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

#[path = "support/cluster.rs"]
mod cluster;

#[path = "types/catalog.rs"]
mod catalog;
#[path = "types/edges.rs"]
mod edges;
#[path = "types/read.rs"]
mod read;
#[path = "support/values.rs"]
mod values;

use std::sync::LazyLock;

use cluster::Cluster;

static CLUSTER: LazyLock<Cluster> = LazyLock::new(Cluster::given_or_start);
