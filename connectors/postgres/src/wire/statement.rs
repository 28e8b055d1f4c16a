//! Statements that are prepared once and run with parameters in binary form.

use bytes::{BufMut as _, BytesMut};
use postgres_protocol::message::frontend;

use super::connection::Connection;
use super::error::{PgError, Result};

/// The most that the parameters of one run may take: a server takes no larger message.
const LIMIT: usize = (1 << 30) - 4096;
const BINARY: i16 = 1;

/// A statement that the server keeps for one connection. It is planned anew where its tables have changed.
#[derive(Debug, Clone)]
pub struct Prepared {
    name: String,
}

/// The parameters of one run, in binary form.
#[derive(Debug, Clone, Default)]
pub struct Parameters {
    bytes: Vec<u8>,
    count: i16,
}

impl Parameters {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a text, or a null.
    #[must_use]
    pub fn text(mut self, text: Option<&str>) -> Self {
        if let Some(text) = text {
            let written: Result<(), std::convert::Infallible> = self.value(|out| {
                out.extend_from_slice(text.as_bytes());
                Ok(())
            });
            let Ok(()) = written;
        } else {
            self.bytes.put_i32(-1);
            self.count = self.count.saturating_add(1);
        }
        self
    }

    /// Adds a value in its binary form, which `write` appends; not where that fails.
    ///
    /// # Errors
    /// What `write` fails with.
    pub fn value<E>(&mut self, write: impl FnOnce(&mut Vec<u8>) -> Result<(), E>) -> Result<(), E> {
        let start = self.bytes.len();
        self.bytes.put_i32(0);
        if let Err(error) = write(&mut self.bytes) {
            self.bytes.truncate(start);
            return Err(error);
        }
        let length = self.bytes.len() - start - 4;
        // One that is too long is refused when the statement runs.
        let length = i32::try_from(length).unwrap_or(i32::MAX);
        if let Some(room) = self.bytes.get_mut(start..start + 4) {
            room.copy_from_slice(&length.to_be_bytes());
        }
        self.count = self.count.saturating_add(1);
        Ok(())
    }
}

impl Connection {
    /// Prepares a statement.
    pub fn prepare(&mut self, sql: &str) -> Result<Prepared> {
        self.check_usable()?;
        let name = format!("s{}", self.next_statement());
        self.send(|out| {
            frontend::parse(&name, sql, [], out)?;
            frontend::sync(out);
            Ok(())
        })?;
        self.answered("preparing a statement")?;
        Ok(Prepared { name })
    }

    /// Runs a prepared statement that gives no rows; how many rows it wrote.
    pub fn run(&mut self, statement: &Prepared, parameters: &Parameters) -> Result<u64> {
        self.check_usable()?;
        if parameters.bytes.len() > LIMIT {
            return Err(PgError::Answer(format!(
                "the values of one statement are larger than {LIMIT} bytes"
            )));
        }
        self.send(|out| {
            bind(statement, parameters, out)?;
            frontend::execute("", 0, out)?;
            frontend::sync(out);
            Ok(())
        })?;
        self.answered("running a statement")
    }

    /// Reads the answer to its end.
    fn answered(&mut self, doing: &'static str) -> Result<u64> {
        let (mut rows, mut failure) = (0, None);
        loop {
            let frame = self.receive(doing)?;
            match frame.tag {
                b'Z' => return failure.map_or(Ok(rows), Err),
                b'C' => rows = rows_of(self.link_ref().body(&frame)),
                // Parsed, bound, rows that nobody asked for, nothing to run.
                b'1' | b'2' | b'D' | b'I' | b'n' => {}
                b'E' => {
                    let error = self.refusal(&frame);
                    if self.check_usable().is_err() {
                        return Err(error);
                    }
                    failure.get_or_insert(error);
                }
                tag => return Err(self.out_of_place(tag)),
            }
        }
    }
}

fn bind(statement: &Prepared, parameters: &Parameters, out: &mut BytesMut) -> std::io::Result<()> {
    let name = statement.name.as_bytes();
    let length = 4 + 1 + name.len() + 1 + 2 + 2 + 2 + parameters.bytes.len() + 2;
    out.reserve(length + 64);
    out.put_u8(b'B');
    out.put_i32(i32::try_from(length).map_err(std::io::Error::other)?);
    out.put_u8(0);
    out.put_slice(name);
    out.put_u8(0);
    // One form for all parameters.
    out.put_i16(1);
    out.put_i16(BINARY);
    out.put_i16(parameters.count);
    out.put_slice(&parameters.bytes);
    out.put_i16(0);
    Ok(())
}

/// The number at the end of a command's tag: `INSERT 0 12`, `COPY 5`.
pub(super) fn rows_of(tag: &[u8]) -> u64 {
    let tag = tag.strip_suffix(&[0]).unwrap_or(tag);
    let number = tag.rsplit(|byte| *byte == b' ').next().unwrap_or_default();
    let number = str::from_utf8(number)
        .ok()
        .and_then(|text| text.parse().ok());
    number.unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tag_of_a_command_tells_its_rows() {
        assert_eq!(rows_of(b"INSERT 0 12\0"), 12);
        assert_eq!(rows_of(b"COPY 5\0"), 5);
        assert_eq!(rows_of(b"BEGIN\0"), 0);
        assert_eq!(rows_of(b""), 0);
    }

    #[test]
    fn a_value_that_cannot_be_written_leaves_nothing_behind() {
        let mut parameters = Parameters::new().text(Some("ab")).text(None);
        let before = parameters.bytes.clone();
        let refused = parameters.value(|out| {
            out.push(1);
            Err("no")
        });
        assert_eq!(refused, Err("no"));
        assert_eq!(parameters.bytes, before);
        assert_eq!(before, b"\0\0\0\x02ab\xff\xff\xff\xff");
        assert_eq!(parameters.count, 2);
    }
}
