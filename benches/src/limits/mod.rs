//! What the paths are held to, written by hand.

pub(crate) mod derived;
pub(crate) mod sqlite;
pub(crate) mod sqlite_insert;
