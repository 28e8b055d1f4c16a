//! The snapshot: jobs that copy tables, or stretches of large ones, all of them under one exported snapshot.

mod copied;
mod cut;
mod job;
mod part;
mod sample;

pub(crate) use copied::{CopyForm, Fields};
pub(crate) use cut::{KeyColumn, Keyed, PIECE, by_key, by_pages, pieces};
pub(crate) use job::{Copied, Jobs, jobs};
pub(crate) use part::PartStream;
