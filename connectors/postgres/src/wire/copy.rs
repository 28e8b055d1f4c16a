//! `COPY … TO STDOUT`.

use super::connection::Connection;
use super::error::Result;

/// A running COPY. Each message is one row in text form; in binary form one row, too, after a header before the first.
///
/// Dropped before its end, it leaves its connection unusable: what is under way cannot be taken back, only the whole
/// connection closed.
#[derive(Debug)]
pub struct CopyOut<'c> {
    connection: &'c mut Connection,
    binary: bool,
    columns: usize,
    done: bool,
}

impl<'c> CopyOut<'c> {
    pub(super) fn new(connection: &'c mut Connection, binary: bool, columns: usize) -> Self {
        Self {
            connection,
            binary,
            columns,
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

    /// The next message, valid until the one after it; nothing at the end, after which the connection is free again.
    ///
    /// # Errors
    /// An error of the server in the middle leaves the connection free, too, unless it was fatal.
    // Not an iterator: what it gives is lent.
    #[expect(clippy::should_implement_trait, reason = "an iterator cannot lend")]
    pub fn next(&mut self) -> Result<Option<&[u8]>> {
        if self.done {
            return Ok(None);
        }
        loop {
            let frame = self.connection.receive("copying")?;
            match frame.tag {
                b'd' => return Ok(Some(self.connection.link_ref().body(&frame))),
                b'c' | b'C' => {}
                b'Z' => {
                    self.done = true;
                    self.connection.is_free();
                    return Ok(None);
                }
                b'E' => {
                    self.done = true;
                    let error = self.connection.refusal(&frame);
                    let fatal = error.server().is_some_and(super::ServerError::is_fatal);
                    if !fatal {
                        self.drain()?;
                    }
                    return Err(error);
                }
                tag => return Err(self.connection.out_of_place(tag)),
            }
        }
    }

    /// Reads up to the moment when something can be asked again.
    fn drain(&mut self) -> Result<()> {
        while self.connection.receive("ending a COPY")?.tag != b'Z' {}
        self.connection.is_free();
        Ok(())
    }
}
