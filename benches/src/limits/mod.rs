//! What the paths are held to, written by hand.

pub(crate) mod sqlite;
