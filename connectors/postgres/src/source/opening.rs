//! A connection for replication, opened by a thread while something else is asked: to log one in takes a server as long as a
//! large answer.

use std::thread::JoinHandle;

use connector_core::{Error, Result};

use super::place::Place;
use crate::catalog::ServerFacts;
use crate::checks::check_server;
use crate::settings::Settings;
use crate::wire::{Connection, Mode};

/// A connection for replication, and the server that it is of.
pub(super) type Led = (Connection, Place);

/// Opens a connection for replication, and asks what server it leads to.
pub(super) fn for_replication(settings: &Settings) -> Result<Led> {
    let mut connection = Connection::open(settings, Mode::Replication)?;
    let place = Place::read(&mut connection)?;
    Ok((connection, place))
}

/// The connection, if it was opened, or what the server lacks for it: that says more than its refusal.
///
/// # Errors
/// When the server cannot be followed, or the connection could not be opened.
pub(super) fn if_followed(opened: Result<Led>, facts: ServerFacts, has_slot: bool) -> Result<Led> {
    let facts = ServerFacts {
        // Ours may be the last one that the server takes.
        used_senders: if opened.is_ok() {
            0
        } else {
            facts.used_senders
        },
        ..facts
    };
    check_server(&facts, has_slot)?;
    opened
}

/// A connection that is being opened.
#[derive(Debug)]
pub(super) struct OpeningReplication(JoinHandle<Result<Led>>);

impl OpeningReplication {
    /// Begins to open it.
    ///
    /// # Errors
    /// When there is no thread to be had.
    pub(super) fn start(settings: &Settings) -> Result<Self> {
        let settings = settings.clone();
        let thread = std::thread::Builder::new().name("session for replication".to_owned());
        Ok(Self(thread.spawn(move || for_replication(&settings))?))
    }

    /// Waits until it is open.
    pub(super) fn opened(self) -> Result<Led> {
        self.0.join().unwrap_or_else(|_| Err(unopened()))
    }
}

/// The thread is gone, and has not said why.
pub(super) fn unopened() -> Error {
    Error::protocol("the thread that opens sessions ended before they were open")
}
