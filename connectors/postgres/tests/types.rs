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

use std::sync::LazyLock;

use cluster::{Cluster, Options};

static CLUSTER: LazyLock<Cluster> = LazyLock::new(|| Cluster::start(&Options::default()));

/// Types that are not built in.
const TYPES: &str = "CREATE EXTENSION hstore; CREATE EXTENSION ltree; CREATE EXTENSION citext; \
     CREATE TYPE mood AS ENUM ('sad', 'so so', 'ok'); \
     CREATE DOMAIN price AS numeric(8, 3) CHECK (VALUE > 0); CREATE DOMAIN tags AS text[]; \
     CREATE TYPE pair AS (number int, \"the word\" text); \
     CREATE TYPE deep AS (pairs pair[], at timestamptz, price price, tags tags); \
     CREATE TYPE floats AS RANGE (SUBTYPE = float8); CREATE TYPE words AS RANGE (SUBTYPE = text)";
