//! The stream of logical replication.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::BufMut as _;
use postgres_protocol::message::frontend::{self, CopyData};

use super::body::Body;
use super::buffer::Frame;
use super::connection::Connection;
use super::error::{PgError, Result};

/// The beginning of the year 2000 in microseconds since 1970: Postgres's own epoch.
const EPOCH: u64 = 946_684_800_000_000;
/// How long the server may take to end the stream.
const FAREWELL: Duration = Duration::from_secs(10);

/// What the server sends while it streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Message<'a> {
    /// Bytes of the output plugin, one message of it each.
    XLogData {
        /// Where in the log they come from; 0 where they come from nowhere in it.
        start: u64,
        /// Where the server's log ends; for logical replication the same as `start`.
        end: u64,
        /// When the server sent them, in microseconds since 2000.
        sent: i64,
        /// The bytes, valid until the next message.
        data: &'a [u8],
    },
    /// A sign of life.
    KeepAlive {
        /// Up to where the server has sent everything that is for this stream.
        end: u64,
        /// When the server sent it, in microseconds since 2000.
        sent: i64,
        /// Whether the server will hang up soon unless it hears of this side:
        /// answer with [`confirm`](Replication::confirm).
        reply_requested: bool,
    },
}

/// A replication stream, started by [`Connection::start_replication`].
///
/// The server is told nothing unless [`confirm`](Self::confirm) is called: call it after every message that requests a
/// reply, and more often than the server's `wal_sender_timeout`, also while the stream is idle or its reader is slow.
#[derive(Debug)]
pub struct Replication {
    connection: Connection,
    /// The message that was read last.
    message: Option<Frame>,
    received: u64,
    flushed: u64,
    /// Whether this side has ended it.
    ended: bool,
}

impl Replication {
    pub(super) fn new(connection: Connection) -> Self {
        Self {
            connection,
            message: None,
            received: 0,
            flushed: 0,
            ended: false,
        }
    }

    /// The next message; nothing where none is complete within `timeout`. What has arrived of one is kept.
    ///
    /// # Errors
    /// As [`advance`](Self::advance).
    pub fn receive(&mut self, timeout: Duration) -> Result<Option<Message<'_>>> {
        if self.advance(timeout)? {
            self.message().map(Some)
        } else {
            Ok(None)
        }
    }

    /// Reads the next message, for [`message`](Self::message) to give. `false`: none is complete within `timeout`; what has
    /// arrived of one is kept.
    ///
    /// # Errors
    /// [`PgError::StreamEnded`] where the server ends the stream in good order, as at a shutdown.
    pub fn advance(&mut self, timeout: Duration) -> Result<bool> {
        self.message = None;
        self.connection.check_usable()?;
        let here = self.connection.buffered_of(b'd');
        let Some(frame) = here.map_or_else(|| self.wait(timeout), |frame| Ok(Some(frame)))? else {
            return Ok(false);
        };
        let read = read(self.connection.link_ref().body(&frame))?;
        self.received = self.received.max(match read {
            Message::XLogData { start, .. } => start,
            Message::KeepAlive { end, .. } => end,
        });
        self.message = Some(frame);
        Ok(true)
    }

    /// The next message of the stream, where it is not here yet.
    #[inline(never)]
    fn wait(&mut self, timeout: Duration) -> Result<Option<Frame>> {
        let received = self.connection.link().receive_within(timeout);
        let Some(frame) = self.connection.noting(received)? else {
            return Ok(None);
        };
        match frame.tag {
            b'd' => Ok(Some(frame)),
            b'E' => Err(self.connection.refusal(&frame)),
            b'c' | b'C' | b'Z' => self.connection.noting(Err(PgError::StreamEnded)),
            tag => Err(self.connection.out_of_place(tag)),
        }
    }

    /// The message that [`advance`](Self::advance) read, valid until the next one.
    ///
    /// # Errors
    /// When there is none.
    #[inline]
    pub fn message(&self) -> Result<Message<'_>> {
        match &self.message {
            Some(frame) => read(self.connection.link_ref().body(frame)),
            None => Err(PgError::Unusable("no message was read")),
        }
    }

    /// Whether bytes of the output plugin come next and are here already, so that [`advance`](Self::advance) waits for nothing.
    pub fn has_data(&self) -> bool {
        matches!(self.connection.link_ref().peek(), Some((b'd', [b'w', ..])))
    }

    /// Tells the server that everything up to `flushed` is stored durably here: it may forget what lies before. 0 says
    /// nothing of the kind, only that this side lives. The position never goes back.
    pub fn confirm(&mut self, flushed: u64) -> Result<()> {
        self.flushed = self.flushed.max(flushed);
        self.report(false)
    }

    /// Asks the server for a sign of life, which says how far it has come.
    pub fn ask(&mut self) -> Result<()> {
        self.report(true)
    }

    fn report(&mut self, reply_requested: bool) -> Result<()> {
        self.connection.check_usable()?;
        let status = status(self.received, self.flushed, now(), reply_requested);
        let sent = self
            .connection
            .link()
            .send(|out| CopyData::new(&status[..]).map(|data| data.write(out)));
        self.connection.noting(sent)
    }

    /// How far the server's messages have come, received or confirmed.
    pub fn received(&self) -> u64 {
        self.received
    }

    /// The number of the server's process behind this stream.
    pub fn process_id(&self) -> i32 {
        self.connection.process_id()
    }

    /// Ends the stream in good order: what was confirmed last is heard, and the slot is free. What still arrives is dropped.
    ///
    /// # Errors
    /// Also where the server does not answer in time, as within a large transaction.
    pub fn end(&mut self, within: Duration) -> Result<()> {
        if self.ended {
            return Ok(());
        }
        self.connection.check_usable()?;
        self.ended = true;
        let sent = self.connection.link().send(|out| {
            frontend::copy_done(out);
            Ok(())
        });
        self.connection.noting(sent)?;
        self.connection.link().wait_until_after(within);
        loop {
            let frame = self.connection.receive("ending the stream")?;
            match frame.tag {
                b'Z' => break,
                b'E' => return Err(self.connection.refusal(&frame)),
                b'd' | b'c' | b'C' => {}
                tag => return Err(self.connection.out_of_place(tag)),
            }
        }
        self.connection.link().wait_as_usual();
        self.connection.link().expect_much(false);
        Ok(())
    }

    /// Ends the stream in good order and gives the connection back.
    ///
    /// # Errors
    /// As [`end`](Self::end).
    pub fn finish(mut self) -> Result<Connection> {
        self.end(FAREWELL)?;
        Ok(self.connection)
    }
}

fn read(body: &[u8]) -> Result<Message<'_>> {
    let mut body = Body::new(body);
    match body.byte()? {
        b'w' => Ok(Message::XLogData {
            start: body.uint64()?,
            end: body.uint64()?,
            sent: body.int64()?,
            data: body.rest(),
        }),
        b'k' => Ok(Message::KeepAlive {
            end: body.uint64()?,
            sent: body.int64()?,
            reply_requested: body.byte()? != 0,
        }),
        _ => Err(PgError::protocol(
            "a message of the stream is of no known kind",
        )),
    }
}

/// A standby status update. What is flushed here is applied, too: this side has no other copy of it.
fn status(received: u64, flushed: u64, now: u64, reply_requested: bool) -> [u8; 34] {
    let mut status = [0; 34];
    let mut out = &mut status[..];
    out.put_u8(b'r');
    out.put_u64(received.max(flushed));
    out.put_u64(flushed);
    out.put_u64(flushed);
    out.put_u64(now);
    out.put_u8(u8::from(reply_requested));
    status
}

/// Microseconds since 2000.
fn now() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since.as_micros())
        .unwrap_or(u64::MAX)
        .saturating_sub(EPOCH)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn messages_are_read() {
        let mut body = vec![b'w'];
        body.extend(7u64.to_be_bytes());
        body.extend(8u64.to_be_bytes());
        body.extend((-9i64).to_be_bytes());
        body.extend(b"data");
        let expected = Message::XLogData {
            start: 7,
            end: 8,
            sent: -9,
            data: b"data",
        };
        assert_eq!(read(&body).unwrap(), expected);
        let mut body = vec![b'k'];
        body.extend(7u64.to_be_bytes());
        body.extend(8i64.to_be_bytes());
        body.push(1);
        let expected = Message::KeepAlive {
            end: 7,
            sent: 8,
            reply_requested: true,
        };
        assert_eq!(read(&body).unwrap(), expected);
        assert!(read(&body[..9]).is_err());
        assert!(read(b"x").is_err());
    }

    #[test]
    fn the_status_says_no_less_received_than_flushed() {
        let status = status(5, 6, 7, true);
        let mut body = Body::new(&status);
        assert_eq!(body.byte().unwrap(), b'r');
        let numbers = [(); 4].map(|()| body.uint64().unwrap());
        assert_eq!(numbers, [6, 6, 6, 7]);
        assert_eq!(body.rest(), [1]);
    }

    proptest! {
        #[test]
        fn no_bytes_panic(body: Vec<u8>) {
            let _ = read(&body);
        }
    }
}
