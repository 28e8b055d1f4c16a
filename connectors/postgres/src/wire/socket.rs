//! A TCP or Unix socket whose reads end in time.

use std::io::{self, Read, Write};
use std::net::TcpStream;
#[cfg(unix)]
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

/// How long a write may wait for a server that takes nothing.
const WRITE_TIMEOUT: Duration = Duration::from_mins(1);

/// When a read gives up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wait {
    /// After so long without a byte; never where there is no limit.
    Silence(Option<Duration>),
    /// At this moment.
    Until(Instant),
}

#[derive(Debug)]
enum Kind {
    Tcp(TcpStream),
    #[cfg(unix)]
    Unix(UnixStream),
}

#[derive(Debug)]
pub(super) struct Socket {
    kind: Kind,
    wait: Wait,
    /// The timeout that the system was told last.
    told: Option<Duration>,
}

impl Socket {
    pub(super) fn tcp(stream: TcpStream) -> io::Result<Self> {
        stream.set_write_timeout(Some(WRITE_TIMEOUT))?;
        Ok(Self::new(Kind::Tcp(stream)))
    }

    #[cfg(unix)]
    pub(super) fn unix(stream: UnixStream) -> io::Result<Self> {
        stream.set_write_timeout(Some(WRITE_TIMEOUT))?;
        Ok(Self::new(Kind::Unix(stream)))
    }

    fn new(kind: Kind) -> Self {
        Self {
            kind,
            wait: Wait::Silence(None),
            told: None,
        }
    }

    /// A Unix socket: nobody can listen in.
    pub(super) fn is_local(&self) -> bool {
        match self.kind {
            Kind::Tcp(_) => false,
            #[cfg(unix)]
            Kind::Unix(_) => true,
        }
    }

    pub(super) fn set_wait(&mut self, wait: Wait) {
        self.wait = wait;
    }

    fn tell_timeout(&mut self) -> io::Result<()> {
        let timeout = match self.wait {
            Wait::Silence(limit) => limit,
            // Zero would mean for ever; what has arrived already is still read.
            Wait::Until(end) => Some(
                end.saturating_duration_since(Instant::now())
                    .max(Duration::from_micros(1)),
            ),
        };
        if timeout != self.told {
            match &self.kind {
                Kind::Tcp(stream) => stream.set_read_timeout(timeout)?,
                #[cfg(unix)]
                Kind::Unix(stream) => stream.set_read_timeout(timeout)?,
            }
            self.told = timeout;
        }
        Ok(())
    }
}

/// Whether a read gave up in time: the systems have two names for it.
pub(super) fn is_timeout(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
    )
}

impl Read for Socket {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        self.tell_timeout()?;
        match &mut self.kind {
            Kind::Tcp(stream) => stream.read(room),
            #[cfg(unix)]
            Kind::Unix(stream) => stream.read(room),
        }
    }
}

impl Write for Socket {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.kind {
            Kind::Tcp(stream) => stream.write(bytes),
            #[cfg(unix)]
            Kind::Unix(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
