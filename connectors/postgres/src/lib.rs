//! Postgres as a source: a consistent snapshot, then logical replication.
