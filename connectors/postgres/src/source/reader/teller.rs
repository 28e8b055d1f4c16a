//! Tells the slot what is durable while a backlog is read, as the replication stream does while it is.

use std::time::{Duration, Instant};

use crate::lsn::Lsn;
use crate::quote::literal;
use crate::wire::{Awaited, AwaitedCopy, Connection, PgError};

/// How long news gathers: to move the slot, the server reads the log up to there, and again each time.
const BETWEEN: Duration = Duration::from_secs(5);
/// And so many times as long as the last move took, so that the server is busy with other things most of the time.
const REST: u32 = 10;
/// How long it is waited for where another reader goes on.
const LAST: Duration = Duration::from_secs(10);
/// How long it is waited for at the end.
const FAREWELL: Duration = Duration::from_secs(1);

/// A connection that moves the slot on.
#[derive(Debug)]
pub(super) struct Teller {
    slot: String,
    state: State,
    told: Lsn,
    /// What is to be told.
    durable: Lsn,
    /// When it was told last, and how long it took to move.
    said: Instant,
    took: Duration,
}

#[derive(Debug)]
enum State {
    Free(Connection),
    /// The server moves the slot, which takes as long as it takes to read the log up to there.
    Moving(AwaitedCopy),
    Lost,
}

/// What was told, and when.
#[derive(Debug, Clone, Copy)]
pub(super) struct Told {
    durable: Lsn,
    said: Instant,
    took: Duration,
}

impl Told {
    /// Tells for the first time, and waits for it.
    ///
    /// # Errors
    /// Also where somebody else reads from the slot.
    pub(super) fn first(
        connection: &mut Connection,
        slot: &str,
        durable: Lsn,
    ) -> Result<Self, PgError> {
        let said = Instant::now();
        connection.execute(&forget_before(slot, durable))?;
        Ok(Self {
            durable,
            said,
            took: said.elapsed(),
        })
    }
}

impl Teller {
    /// Goes on over a connection that has told the first.
    pub(super) fn start(connection: Connection, slot: &str, told: Told) -> Self {
        let Told {
            durable,
            said,
            took,
        } = told;
        Self {
            slot: slot.to_owned(),
            state: State::Free(connection),
            told: durable,
            durable,
            said,
            took,
        }
    }

    /// The server may forget what lies before `durable`. It is told later where it was told something a moment ago, or is still
    /// at that; nobody waits for it.
    pub(super) fn tell(&mut self, durable: Lsn) -> Result<(), PgError> {
        self.durable = durable;
        self.wait(Duration::ZERO)?;
        if self.said.elapsed() < BETWEEN.max(self.took.saturating_mul(REST)) {
            return Ok(());
        }
        self.ask()
    }

    /// Tells what is left to tell, and waits for it: then the slot is free for another reader.
    pub(super) fn finish(mut self) -> Result<(), PgError> {
        self.wait(LAST)?;
        self.ask()?;
        self.wait(LAST)
    }

    fn ask(&mut self) -> Result<(), PgError> {
        if self.durable <= self.told {
            return Ok(());
        }
        self.state = match std::mem::replace(&mut self.state, State::Lost) {
            State::Free(connection) => {
                self.told = self.durable;
                self.said = Instant::now();
                State::Moving(connection.ask_copy_out(&[&forget_before(&self.slot, self.durable)])?)
            }
            other => other,
        };
        Ok(())
    }

    fn wait(&mut self, at_most: Duration) -> Result<(), PgError> {
        self.state = match std::mem::replace(&mut self.state, State::Lost) {
            State::Moving(mut moving) => match moving.advance(at_most)? {
                Awaited::End => {
                    self.took = self.said.elapsed();
                    State::Free(moving.into_connection())
                }
                _ => State::Moving(moving),
            },
            other => other,
        };
        Ok(())
    }
}

impl Drop for Teller {
    /// What was stored last is said before the session ends, and need not be waited for.
    fn drop(&mut self) {
        if self.durable > self.told {
            let _: Result<(), PgError> = self.wait(FAREWELL).and_then(|()| self.ask());
        }
    }
}

fn forget_before(slot: &str, durable: Lsn) -> String {
    format!(
        "SELECT pg_replication_slot_advance({}, '{durable}')",
        literal(slot)
    )
}
