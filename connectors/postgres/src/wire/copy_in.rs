//! `COPY … FROM STDIN`.

use postgres_protocol::message::frontend;

use super::connection::Connection;
use super::error::{PgError, Result};
use super::statement::rows_of;

/// A running COPY to the server: what [`Connection::start_copy_in`] gives and [`Connection::end_copy_in`] takes. Until then
/// nothing else can be asked of the connection.
#[derive(Debug)]
#[must_use = "the COPY is to be ended"]
pub struct CopyIn(());

impl Connection {
    /// Starts a `COPY … FROM STDIN`.
    pub fn start_copy_in(&mut self, sql: &str) -> Result<CopyIn> {
        self.ask(sql)?;
        let mut failure = None;
        loop {
            let frame = self.receive("starting a COPY")?;
            match frame.tag {
                b'G' => {
                    self.is_taken("a COPY was not ended");
                    return Ok(CopyIn(()));
                }
                b'Z' => {
                    return Err(failure.unwrap_or_else(|| {
                        PgError::Answer("the statement copies nothing to the server".into())
                    }));
                }
                b'E' => {
                    let error = self.refusal(&frame);
                    if self.check_usable().is_err() {
                        return Err(error);
                    }
                    failure.get_or_insert(error);
                }
                b'C' | b'I' | b'T' | b'D' => {}
                tag => return Err(self.out_of_place(tag)),
            }
        }
    }

    /// Sends a part of the data, cut anywhere. What the server thinks of it is told at the end.
    pub fn send_copy_data(&mut self, _copy: &CopyIn, data: &[u8]) -> Result<()> {
        self.send(|out| {
            frontend::CopyData::new(data)?.write(out);
            Ok(())
        })
    }

    /// Ends a COPY; how many rows it wrote. The connection is free again, also after an error, unless it was fatal.
    pub fn end_copy_in(&mut self, _copy: CopyIn) -> Result<u64> {
        self.send(|out| {
            frontend::copy_done(out);
            Ok(())
        })?;
        let (mut rows, mut failure) = (0, None);
        loop {
            let frame = self.receive("ending a COPY")?;
            match frame.tag {
                b'Z' => {
                    self.is_free();
                    return failure.map_or(Ok(rows), Err);
                }
                b'C' => rows = rows_of(self.link_ref().body(&frame)),
                b'E' => {
                    let error = self.refusal(&frame);
                    if error.server().is_some_and(super::ServerError::is_fatal) {
                        return Err(error);
                    }
                    failure.get_or_insert(error);
                }
                tag => return Err(self.out_of_place(tag)),
            }
        }
    }
}
