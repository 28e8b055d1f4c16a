//! A TCP or Unix socket whose reads end in time.

use std::io::{self, Read, Write};
use std::net::TcpStream;
#[cfg(unix)]
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use super::pace::Pace;

/// How long a write may wait for a server that takes nothing.
const WRITE_TIMEOUT: Duration = Duration::from_mins(1);

/// Up to this, a wait is told to the system as it is.
const PRECISE: Duration = Duration::from_millis(5);
/// The shortest wait that is one.
const LEAST: Duration = Duration::from_micros(1);

/// When a read gives up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wait {
    /// After so long without a byte; never where there is no limit.
    Silence(Option<Duration>),
    /// At this moment.
    Until(Instant),
}

impl Wait {
    /// Whether a rest ends before it.
    fn leaves(self, rest: Duration) -> bool {
        match self {
            Self::Silence(_) => true,
            Self::Until(end) => end.saturating_duration_since(Instant::now()) > rest,
        }
    }
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
    /// Where much is to arrive at once.
    pace: Option<Pace>,
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
            pace: None,
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

    /// Whether much is to arrive, so that it may be read in larger pieces.
    pub(super) fn expect_much(&mut self, much: bool) {
        self.pace = much.then(Pace::new);
    }

    fn tell_timeout(&mut self) -> io::Result<()> {
        let timeout = match self.wait {
            Wait::Silence(limit) => limit,
            Wait::Until(end) => {
                let left = end.saturating_duration_since(Instant::now());
                // A little less than what is left will do for the next waits of the same length, too: telling the system
                // anew costs as much as reading a message. A read that gives up too early is read again.
                let enough = left / 8 * 7;
                if self.told.is_some_and(|told| told >= enough && told <= left) {
                    return Ok(());
                }
                // Zero would mean for ever; what has arrived already is still read.
                Some(if left > PRECISE {
                    left / 16 * 15
                } else {
                    left.max(LEAST)
                })
            }
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

    fn read_once(&mut self, room: &mut [u8]) -> io::Result<usize> {
        if let Some(rest) = self.pace.as_mut().and_then(Pace::rest)
            && self.wait.leaves(rest)
        {
            std::thread::sleep(rest);
        }
        self.tell_timeout()?;
        let read = match &mut self.kind {
            Kind::Tcp(stream) => stream.read(room),
            #[cfg(unix)]
            Kind::Unix(stream) => stream.read(room),
        };
        if let (Some(pace), Ok(count)) = (&mut self.pace, &read) {
            pace.read(*count, room.len());
        }
        read
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
        loop {
            match (self.read_once(room), self.wait) {
                (Err(error), Wait::Until(end)) if is_timeout(&error) && Instant::now() < end => {}
                (done, _) => return done,
            }
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

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    /// What arrives between two reads, which is worth a rest.
    const MUCH: usize = 16 * 1024;

    #[test]
    fn a_read_ends_in_time_and_not_before() {
        for much in [false, true] {
            let (mine, mut other) = UnixStream::pair().unwrap();
            let mut socket = Socket::unix(mine).unwrap();
            socket.expect_much(much);
            for wait in [0, 1, 20, 300, 300, 20].map(Duration::from_millis) {
                let start = Instant::now();
                socket.set_wait(Wait::Until(start + wait));
                let error = socket.read(&mut [0; 8]).unwrap_err();
                assert!(is_timeout(&error), "{error}");
                let took = start.elapsed();
                assert!(
                    took >= wait && took < wait + Duration::from_secs(2),
                    "{wait:?}: {took:?}"
                );
                other.write_all(&vec![0; MUCH]).unwrap();
                socket.set_wait(Wait::Until(start));
                assert_eq!(socket.read(&mut vec![0; 2 * MUCH]).unwrap(), MUCH);
            }
        }
    }
}
