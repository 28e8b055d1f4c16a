//! Messages in both directions over one transport; what the server says at any time is taken care of here.

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::time::{Duration, Instant};

use bytes::BytesMut;
use postgres_protocol::message::frontend;

use super::body::Body;
use super::buffer::{Frame, ReadBuffer};
use super::error::{PgError, Result};
use super::server_error::ServerError;
use super::socket::{Wait, is_timeout};
use super::transport::Transport;

/// How long the last words of a server are waited for once nothing can be sent to it.
const LAST_WORDS: Duration = Duration::from_millis(200);

pub(super) struct Link {
    transport: Transport,
    buffer: ReadBuffer,
    out: BytesMut,
    parameters: BTreeMap<String, String>,
    /// How long the server may be silent, where there is a limit.
    silence: Option<Duration>,
    /// The limit that a wait ends at now, for the message about it.
    limit: Duration,
}

impl Link {
    /// `limit` is how long the login may take, of which the transport knows the end.
    pub(super) fn new(transport: Transport, limit: Duration) -> Self {
        Self {
            transport,
            buffer: ReadBuffer::new(),
            out: BytesMut::new(),
            parameters: BTreeMap::new(),
            silence: None,
            limit,
        }
    }

    pub(super) fn transport(&self) -> &Transport {
        &self.transport
    }

    /// The login is done: messages may be large, and the server may be silent for so long.
    pub(super) fn logged_in(&mut self, silence: Option<Duration>) {
        self.buffer.trust();
        self.silence = silence;
        self.wait_as_usual();
    }

    /// Waits for as long as the settings say.
    pub(super) fn wait_as_usual(&mut self) {
        self.limit = self.silence.unwrap_or_default();
        self.transport.set_wait(Wait::Silence(self.silence));
    }

    /// All that follows has so much time together.
    pub(super) fn wait_until_after(&mut self, limit: Duration) {
        self.limit = limit;
        // A limit beyond the clock's end is none.
        let end = Instant::now().checked_add(limit);
        self.transport
            .set_wait(end.map_or(Wait::Silence(None), Wait::Until));
    }

    /// Whether much is to arrive, which may then be read in larger pieces, a little later.
    pub(super) fn expect_much(&mut self, much: bool) {
        self.transport.expect_much(much);
    }

    /// The tag and the body of the next message, where it is here as a whole.
    pub(super) fn peek(&self) -> Option<(u8, &[u8])> {
        self.buffer.peek()
    }

    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).map(String::as_str)
    }

    /// Sends what `write` encodes.
    pub(super) fn send(
        &mut self,
        write: impl FnOnce(&mut BytesMut) -> io::Result<()>,
    ) -> Result<()> {
        self.out.clear();
        write(&mut self.out)
            .map_err(|error| PgError::Protocol(format!("a message cannot be encoded: {error}")))?;
        let sent = self.transport.write_all(&self.out);
        let sent = sent.and_then(|()| self.transport.flush());
        sent.map_err(|error| self.last_words().unwrap_or(PgError::Lost(error)))
    }

    /// Ends the session; a server that is gone needs no farewell.
    pub(super) fn say_farewell(&mut self) {
        self.out.clear();
        frontend::terminate(&mut self.out);
        let sent = self.transport.write_all(&self.out);
        let _ = sent.and_then(|()| self.transport.flush());
    }

    /// What a server that hung up said before.
    fn last_words(&mut self) -> Option<PgError> {
        self.wait_until_after(LAST_WORDS);
        while let Ok(Some(frame)) = self.take("its last words") {
            if frame.tag == b'E' {
                return Some(self.server_error(&frame));
            }
        }
        None
    }

    /// The next message that is an answer. `doing` is for the message about a timeout.
    pub(super) fn receive(&mut self, doing: &'static str) -> Result<Frame> {
        self.take(doing)?.ok_or(PgError::Timeout {
            doing,
            after: self.limit,
        })
    }

    /// The next message where it is here as a whole and has this tag. `None` says only that this way does not tell.
    #[inline]
    pub(super) fn buffered_of(&mut self, tag: u8) -> Option<Frame> {
        self.buffer.next_of(tag)
    }

    /// The next message that is here within `timeout`; nothing is lost of one that is not here yet.
    pub(super) fn receive_within(&mut self, timeout: Duration) -> Result<Option<Frame>> {
        // What is here already costs no look at the clock.
        if let Some(frame) = self.buffered()? {
            return Ok(Some(frame));
        }
        self.wait_until_after(timeout);
        self.take("streaming")
    }

    pub(super) fn body(&self, frame: &Frame) -> &[u8] {
        self.buffer.body(frame)
    }

    pub(super) fn server_error(&self, frame: &Frame) -> PgError {
        PgError::Server(Box::new(ServerError::read(self.body(frame))))
    }

    fn take(&mut self, doing: &'static str) -> Result<Option<Frame>> {
        loop {
            if let Some(frame) = self.buffered()? {
                return Ok(Some(frame));
            }
            match self.buffer.fill(&mut self.transport)? {
                Ok(0) => {
                    let message = format!("the server closed it while {doing}");
                    let cause = io::Error::new(io::ErrorKind::UnexpectedEof, message);
                    return Err(PgError::Lost(cause));
                }
                Ok(_) => {}
                Err(error) if is_timeout(&error) => return Ok(None),
                Err(error) => return Err(PgError::Lost(error)),
            }
        }
    }

    fn buffered(&mut self) -> Result<Option<Frame>> {
        while let Some(frame) = self.buffer.next()? {
            match frame.tag {
                b'S' => {
                    let mut body = Body::new(self.buffer.body(&frame));
                    let (name, value) = (body.text()?.to_owned(), body.text()?.to_owned());
                    self.parameters.insert(name, value);
                }
                // A notice, and a notification: nobody here listens to either.
                b'N' | b'A' => {}
                _ => return Ok(Some(frame)),
            }
        }
        Ok(None)
    }
}
