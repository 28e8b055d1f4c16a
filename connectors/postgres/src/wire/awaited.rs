//! A `COPY … TO STDOUT` that nobody waits for while the server prepares it.

use std::time::Duration;

use super::buffer::Frame;
use super::connection::Connection;
use super::error::Result;

/// What [`AwaitedCopy::advance`] came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Awaited {
    /// A message, which [`AwaitedCopy::message`] gives.
    Message,
    /// Nothing within the time.
    Nothing,
    /// The end: the connection is free again.
    End,
}

/// A COPY that was asked for by [`Connection::ask_copy_out`]. Its messages are as those of [`CopyOut`](super::CopyOut), and come
/// once the server has them.
#[derive(Debug)]
pub struct AwaitedCopy {
    connection: Connection,
    /// The message that was read last.
    message: Option<Frame>,
    /// How many statements are not answered to the end.
    open: usize,
}

impl AwaitedCopy {
    pub(super) fn new(connection: Connection, statements: usize) -> Self {
        Self {
            connection,
            message: None,
            open: statements,
        }
    }

    /// Reads the next message; what has arrived of one within `timeout` is kept.
    ///
    /// # Errors
    /// After an error of the server, too, the connection is of no more use.
    #[inline]
    pub fn advance(&mut self, timeout: Duration) -> Result<Awaited> {
        self.message = self.connection.buffered_of(b'd');
        if self.message.is_some() {
            return Ok(Awaited::Message);
        }
        self.advance_otherwise(timeout)
    }

    /// Reads the next message where it is not here yet, or is no row.
    #[inline(never)]
    fn advance_otherwise(&mut self, timeout: Duration) -> Result<Awaited> {
        loop {
            let received = self.connection.link().receive_within(timeout);
            let Some(frame) = self.connection.noting(received)? else {
                return Ok(Awaited::Nothing);
            };
            match frame.tag {
                b'd' => {
                    self.message = Some(frame);
                    return Ok(Awaited::Message);
                }
                // What the statements before the COPY gave, its beginning and its end.
                b'T' | b'D' | b'C' | b'I' | b'H' | b'c' => {}
                b'Z' if self.open > 1 => self.open -= 1,
                b'Z' => {
                    self.connection.link().wait_as_usual();
                    self.connection.is_free();
                    return Ok(Awaited::End);
                }
                b'E' => return Err(self.connection.refusal(&frame)),
                tag => return Err(self.connection.out_of_place(tag)),
            }
        }
    }

    /// The message that [`advance`](Self::advance) read, valid until the next one; empty where there is none.
    #[inline]
    pub fn message(&self) -> &[u8] {
        let link = self.connection.link_ref();
        self.message.as_ref().map_or(&[], |frame| link.body(frame))
    }

    /// Whether another message is here already, so that [`advance`](Self::advance) waits for nothing.
    pub fn has_data(&self) -> bool {
        matches!(self.connection.link_ref().peek(), Some((b'd', _)))
    }

    /// The connection, free once the end was reached.
    pub fn into_connection(self) -> Connection {
        self.connection
    }
}
