//! `COPY … TO STDOUT`.

use std::borrow::BorrowMut;

use super::buffer::Frame;
use super::connection::Connection;
use super::error::Result;

/// A running COPY, over a connection that is lent (`&mut Connection`) or its own. Each message is one row in text form; in
/// binary form one row, too, after a header before the first.
///
/// Dropped before its end, it leaves its connection unusable: what is under way cannot be taken back, only the whole
/// connection closed.
#[derive(Debug)]
pub struct CopyOut<C> {
    connection: C,
    binary: bool,
    columns: usize,
    /// The message that was read last.
    message: Option<Frame>,
    done: bool,
}

impl<C: BorrowMut<Connection>> CopyOut<C> {
    pub(super) fn new(connection: C, binary: bool, columns: usize) -> Self {
        Self {
            connection,
            binary,
            columns,
            message: None,
            done: false,
        }
    }

    /// Whether the rows come in binary form.
    pub fn is_binary(&self) -> bool {
        self.binary
    }

    /// How many columns a row has.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// The connection, free again once the end was reached.
    pub fn into_connection(self) -> C {
        self.connection
    }

    /// The next message, valid until the one after it; nothing at the end, after which the connection is free again.
    ///
    /// # Errors
    /// As [`advance`](Self::advance).
    // Not an iterator: what it gives is lent.
    #[expect(clippy::should_implement_trait, reason = "an iterator cannot lend")]
    pub fn next(&mut self) -> Result<Option<&[u8]>> {
        Ok(if self.advance()? {
            Some(self.message())
        } else {
            None
        })
    }

    /// The message that [`advance`](Self::advance) read; empty where there is none.
    #[inline]
    pub fn message(&self) -> &[u8] {
        let link = self.connection.borrow().link_ref();
        self.message.as_ref().map_or(&[], |frame| link.body(frame))
    }

    /// Reads the next message. `false`: that was all, and the connection is free again.
    ///
    /// # Errors
    /// An error of the server in the middle leaves the connection free, too, unless it was fatal.
    #[inline]
    pub fn advance(&mut self) -> Result<bool> {
        self.message = None;
        if self.done {
            return Ok(false);
        }
        let connection = self.connection.borrow_mut();
        if let Some(row) = connection.buffered_of(b'd') {
            self.message = Some(row);
            return Ok(true);
        }
        self.advance_otherwise()
    }

    /// Goes to the next message where it is not here yet, or is no row.
    #[inline(never)]
    fn advance_otherwise(&mut self) -> Result<bool> {
        let connection = self.connection.borrow_mut();
        loop {
            let frame = connection.receive("copying")?;
            match frame.tag {
                b'd' => {
                    self.message = Some(frame);
                    return Ok(true);
                }
                b'c' | b'C' => {}
                b'Z' => {
                    self.done = true;
                    connection.is_free();
                    return Ok(false);
                }
                b'E' => {
                    self.done = true;
                    let error = connection.refusal(&frame);
                    let fatal = error.server().is_some_and(super::ServerError::is_fatal);
                    if !fatal {
                        drain(connection)?;
                    }
                    return Err(error);
                }
                tag => return Err(connection.out_of_place(tag)),
            }
        }
    }
}

/// Reads up to the moment when something can be asked again.
fn drain(connection: &mut Connection) -> Result<()> {
    while connection.receive("ending a COPY")?.tag != b'Z' {}
    connection.is_free();
    Ok(())
}
