//! Where and what to follow.

use connector_core::Notices;

use super::published::Entries;
use super::state::{Stored, Timeline};
use crate::lsn::Lsn;
use crate::quote::identifier;
use crate::settings::Settings;

/// Where and what to follow.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) settings: Settings,
    pub(super) slot: String,
    pub(super) publication: String,
    /// Whether values are asked for in binary form.
    pub(super) binary: bool,
    /// How much log of a backlog is read by SQL at a time, in bytes; 0: all is read by the replication stream.
    pub(super) backlog_piece: u64,
    /// The run ends when everything before this is read.
    pub(super) end: Option<Lsn>,
    pub(super) system: u64,
    pub(super) timeline: Timeline,
    /// The tables' entries in the publication, and a hash of them.
    pub(super) published: Entries,
    pub(super) entries: u64,
    /// A hash of what the numbering of changes depends on; the same after a reconnect, or changes cannot be counted.
    pub(super) fingerprint: u64,
    /// Takes what a person should know.
    pub(super) notices: Notices,
}

impl Target {
    /// A position, for the checkpoint.
    pub(super) fn stored(&self, end: Lsn) -> Stored {
        Stored {
            end,
            system: self.system,
            entries: self.entries,
            timeline: Some(self.timeline),
        }
    }

    /// What the output plugin is asked for, not quoted: the same whoever reads.
    pub(super) fn options(&self) -> Vec<(&'static str, String)> {
        let mut options = vec![
            ("proto_version", "1".to_owned()),
            ("publication_names", identifier(&self.publication)),
        ];
        if self.binary {
            options.push(("binary", "true".to_owned()));
        }
        options
    }
}
