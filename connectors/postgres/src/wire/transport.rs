//! The byte stream to the server, with TLS or without.

use std::io::{self, Read, Write};

use rustls::{ClientConnection, StreamOwned};

use super::socket::{Socket, Wait};

#[derive(Debug)]
pub(super) enum Transport {
    Plain(Socket),
    Tls(Box<StreamOwned<ClientConnection, Socket>>),
}

impl Transport {
    fn socket(&mut self) -> &mut Socket {
        match self {
            Self::Plain(socket) => socket,
            Self::Tls(stream) => &mut stream.sock,
        }
    }

    pub(super) fn set_wait(&mut self, wait: Wait) {
        self.socket().set_wait(wait);
    }

    pub(super) fn expect_much(&mut self, much: bool) {
        self.socket().expect_much(much);
    }

    /// Whether a password can be sent as it is.
    pub(super) fn is_private(&self) -> bool {
        match self {
            Self::Plain(socket) => socket.is_local(),
            Self::Tls(_) => true,
        }
    }

    pub(super) fn tls(&self) -> Option<&ClientConnection> {
        match self {
            Self::Plain(_) => None,
            Self::Tls(stream) => Some(&stream.conn),
        }
    }
}

impl Read for Transport {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = match self {
                Self::Plain(socket) => socket.read(room),
                Self::Tls(stream) => stream.read(room),
            };
            match read {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                done => return done,
            }
        }
    }
}

impl Write for Transport {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(socket) => socket.write(bytes),
            Self::Tls(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(socket) => socket.flush(),
            Self::Tls(stream) => stream.flush(),
        }
    }
}
