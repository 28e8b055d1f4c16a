//! The snapshot: jobs that copy tables, or stretches of large ones, all of them under one exported snapshot.

mod copied;
mod job;
mod part;

pub(crate) use copied::{CopyForm, Fields};
pub(crate) use job::{Copied, Jobs, PIECE, jobs};
pub(crate) use part::PartStream;
