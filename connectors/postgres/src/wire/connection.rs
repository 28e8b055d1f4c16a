//! A connection: the login, statements, and what a statement can turn it into.

use std::fmt;
use std::time::Instant;

use bytes::BytesMut;
use postgres_protocol::message::frontend;

use super::authentication::log_in;
use super::awaited::AwaitedCopy;
use super::body::Body;
use super::buffer::Frame;
use super::cancel::CancelRequest;
use super::connect::connect;
use super::copy::CopyOut;
use super::error::{PgError, Result};
use super::link::Link;
use super::replication::Replication;
use super::rows::Rows;
use super::session::{FIRST_STATEMENT, startup};
use super::transport::Transport;
use crate::settings::{Settings, SslMode};

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Statements alone.
    Query,
    /// Statements, and the commands of logical replication.
    Replication,
}

/// A connection to a server. Dropping it ends the session in good order.
pub struct Connection {
    link: Link,
    cancel: CancelRequest,
    process_id: i32,
    /// Why nothing can be asked any more.
    unusable: Option<&'static str>,
    /// How many statements were prepared.
    statements: u32,
}

impl Connection {
    /// Connects and logs in.
    ///
    /// # Errors
    /// [`PgError`] says whether a retry can help, and what to do otherwise.
    pub fn open(settings: &Settings, mode: Mode) -> Result<Self> {
        let asked = settings.ssl_mode();
        match Self::open_with(settings, mode, asked) {
            // `prefer` takes what there is: TLS may be what this server does not want from this user.
            Err(error) if asked == SslMode::Prefer && is_about_tls(&error) => {
                Self::open_with(settings, mode, SslMode::Disable)
            }
            opened => opened,
        }
    }

    fn open_with(settings: &Settings, mode: Mode, ssl_mode: SslMode) -> Result<Self> {
        let deadline = Instant::now() + settings.connect_timeout();
        let transport = connect(settings, ssl_mode, deadline)?;
        Self::over(transport, settings, mode, ssl_mode)
    }

    /// Logs in over a transport that ends its waits in time.
    fn over(
        transport: Transport,
        settings: &Settings,
        mode: Mode,
        ssl_mode: SslMode,
    ) -> Result<Self> {
        let mut link = Link::new(transport, settings.connect_timeout());
        link.send(|out| frontend::startup_message(startup(settings, mode), out))?;
        log_in(&mut link, settings)?;
        let (process_id, secret_key) = greeting(&mut link)?;
        let mut connection = Self {
            link,
            cancel: CancelRequest::new(settings.clone(), ssl_mode, process_id, secret_key),
            process_id,
            unusable: None,
            statements: 0,
        };
        connection.execute(FIRST_STATEMENT)?;
        connection.link.logged_in(settings.read_timeout());
        Ok(connection)
    }

    /// Runs a query; several statements give the rows of the last one that has rows.
    pub fn query(&mut self, sql: &str) -> Result<Rows> {
        self.ask(sql)?;
        let mut rows = Rows::default();
        let mut failure = None;
        loop {
            let frame = self.receive("running a query")?;
            let read = match frame.tag {
                b'Z' => return failure.map_or(Ok(rows), Err),
                b'E' => Err(self.refusal(&frame)),
                b'T' => Rows::described(self.link.body(&frame)).map(|described| rows = described),
                b'D' => rows.push(self.link.body(&frame)),
                b'C' | b'I' => Ok(()),
                tag => Err(self.out_of_place(tag)),
            };
            if let Err(error) = read {
                if self.unusable.is_some() {
                    return Err(error);
                }
                failure.get_or_insert(error);
            }
        }
    }

    /// Runs one statement or several.
    pub fn execute(&mut self, sql: &str) -> Result<()> {
        self.query(sql).map(drop)
    }

    /// Starts a `COPY … TO STDOUT`, which must be read to its end before anything else is asked.
    pub fn copy_out(&mut self, sql: &str) -> Result<CopyOut<&mut Self>> {
        let (binary, columns) = self.start_copy(sql)?;
        Ok(CopyOut::new(self, binary, columns))
    }

    /// As [`copy_out`](Self::copy_out); the COPY owns the connection, and gives it back at its end.
    pub fn into_copy_out(mut self, sql: &str) -> Result<CopyOut<Self>> {
        let (binary, columns) = self.start_copy(sql)?;
        Ok(CopyOut::new(self, binary, columns))
    }

    /// Asks for a `COPY … TO STDOUT`, which may follow other statements, and does not wait for it to begin. Each statement is
    /// sent by itself: servers before 15 take no more at once from a replication connection.
    pub fn ask_copy_out(mut self, statements: &[&str]) -> Result<AwaitedCopy> {
        for sql in statements {
            self.ask(sql)?;
        }
        self.unusable = Some("a COPY was not read to its end");
        self.link.expect_much(true);
        Ok(AwaitedCopy::new(self, statements.len()))
    }

    /// Starts a COPY, and says whether it is binary and of how many columns.
    fn start_copy(&mut self, sql: &str) -> Result<(bool, usize)> {
        self.ask(sql)?;
        let mut failure = None;
        loop {
            let frame = self.receive("starting a COPY")?;
            match frame.tag {
                b'H' => {
                    let mut body = Body::new(self.link.body(&frame));
                    let (binary, columns) = (body.byte()? == 1, body.count()?);
                    self.unusable = Some("a COPY was not read to its end");
                    self.link.expect_much(true);
                    return Ok((binary, columns));
                }
                b'Z' => {
                    return Err(failure.unwrap_or_else(|| {
                        PgError::Answer("the statement copies nothing to this side".into())
                    }));
                }
                b'E' => {
                    let error = self.refusal(&frame);
                    if self.unusable.is_some() {
                        return Err(error);
                    }
                    failure.get_or_insert(error);
                }
                b'C' | b'I' | b'T' | b'D' => {}
                tag => return Err(self.out_of_place(tag)),
            }
        }
    }

    /// Runs a `START_REPLICATION` command; the connection becomes the stream.
    pub fn start_replication(mut self, sql: &str) -> Result<Replication> {
        self.ask(sql)?;
        loop {
            let frame = self.receive("starting the replication")?;
            match frame.tag {
                b'W' => {
                    self.link.expect_much(true);
                    return Ok(Replication::new(self));
                }
                b'E' => return Err(self.refusal(&frame)),
                b'Z' => {
                    return Err(PgError::Answer(
                        "the command does not start a replication".into(),
                    ));
                }
                b'C' | b'I' | b'T' | b'D' => {}
                tag => return Err(self.out_of_place(tag)),
            }
        }
    }

    /// The server's version as a number: 150018 is 15.18; 0 where the server does not say it.
    pub fn server_version(&self) -> u32 {
        version_number(self.parameter("server_version").unwrap_or_default())
    }

    /// What the server reported about a setting: `server_version`, `TimeZone` and few others.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.link.parameter(name)
    }

    /// The number of the server's process behind this connection.
    pub fn process_id(&self) -> i32 {
        self.process_id
    }

    /// What stops the running statement, from another thread.
    pub fn cancel_request(&self) -> CancelRequest {
        self.cancel.clone()
    }

    pub(super) fn link(&mut self) -> &mut Link {
        &mut self.link
    }

    pub(super) fn link_ref(&self) -> &Link {
        &self.link
    }

    /// The answer to the last statement is complete.
    pub(super) fn is_free(&mut self) {
        self.unusable = None;
        self.link.expect_much(false);
    }

    /// Something is under way, which has to be ended before anything else can be asked.
    pub(super) fn is_taken(&mut self, why: &'static str) {
        self.unusable = Some(why);
    }

    pub(super) fn next_statement(&mut self) -> u32 {
        self.statements = self.statements.wrapping_add(1);
        self.statements
    }

    pub(super) fn check_usable(&self) -> Result<()> {
        self.unusable
            .map_or(Ok(()), |why| Err(PgError::Unusable(why)))
    }

    pub(super) fn ask(&mut self, sql: &str) -> Result<()> {
        self.check_usable()?;
        if sql.contains('\0') {
            return Err(PgError::Answer("a statement contains a zero byte".into()));
        }
        self.send(|out| frontend::query(sql, out))
    }

    pub(super) fn send(
        &mut self,
        write: impl FnOnce(&mut BytesMut) -> std::io::Result<()>,
    ) -> Result<()> {
        let sent = self.link.send(write);
        self.noting(sent)
    }

    #[inline]
    pub(super) fn buffered_of(&mut self, tag: u8) -> Option<Frame> {
        self.link.buffered_of(tag)
    }

    pub(super) fn receive(&mut self, doing: &'static str) -> Result<Frame> {
        let received = self.link.receive(doing);
        self.noting(received)
    }

    /// After an error of the transport or of the protocol nothing more can be asked.
    pub(super) fn noting<T>(&mut self, outcome: Result<T>) -> Result<T> {
        if outcome.is_err() {
            self.unusable = Some("it broke before");
        }
        outcome
    }

    /// The server's error; after a fatal one it has hung up.
    pub(super) fn refusal(&mut self, frame: &Frame) -> PgError {
        let error = self.link.server_error(frame);
        if error.server().is_some_and(super::ServerError::is_fatal) {
            self.unusable = Some("the server ended it");
        }
        error
    }

    pub(super) fn out_of_place(&mut self, tag: u8) -> PgError {
        self.unusable = Some("it broke before");
        let tag = char::from(tag).escape_default();
        PgError::Protocol(format!("message `{tag}` where it has no place"))
    }
}

/// Whether a login without TLS could end otherwise.
fn is_about_tls(error: &PgError) -> bool {
    matches!(error, PgError::Tls { .. }) || error.code() == Some("28000")
}

/// What follows the login, up to the first moment when something can be asked.
fn greeting(link: &mut Link) -> Result<(i32, i32)> {
    let mut key = (0, 0);
    loop {
        let frame = link.receive("logging in")?;
        let mut body = Body::new(link.body(&frame));
        match frame.tag {
            b'K' => key = (body.int32()?, body.int32()?),
            b'Z' => return Ok(key),
            b'E' => return Err(link.server_error(&frame)),
            _ => return Err(PgError::protocol("the greeting after the login is not one")),
        }
    }
}

/// `15.18 (Debian …)` is 150018, `9.6.24` is 90624, `18beta1` is 180000.
fn version_number(text: &str) -> u32 {
    let mut parts = text.split('.').map(|part| {
        let end = part
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(part.len());
        part.get(..end)
            .and_then(|digits| digits.parse::<u32>().ok())
            .unwrap_or(0)
    });
    let (major, minor, patch) = (
        parts.next().unwrap_or(0).min(10_000),
        parts.next().unwrap_or(0).min(9_999),
        parts.next().unwrap_or(0).min(99),
    );
    if major < 10 {
        major * 10_000 + minor.min(99) * 100 + patch
    } else {
        major * 10_000 + minor
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("process_id", &self.process_id)
            .field("unusable", &self.unusable)
            .finish_non_exhaustive()
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.link.say_farewell();
    }
}

#[cfg(all(test, unix))]
mod tests;
