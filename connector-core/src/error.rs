//! The one error type of core: what went wrong, where, and what to do next.

use std::error::Error as StdError;
use std::fmt;

/// A result whose error is core's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

type Cause = Box<dyn StdError + Send + Sync>;

/// What sort of failure an [`Error`] is: it decides the exit code and whether a retry can help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The configuration or the command line is wrong.
    Config,
    /// A table or a column does not pass validation.
    Validation,
    /// The source's schema is not the one that was locked.
    Drift,
    /// The source cannot be reached or read.
    Source,
    /// The sink cannot be reached or written.
    Sink,
    /// A value does not fit its column and the policy is `fail`.
    Value,
    /// A connector broke the protocol of the change stream: a bug in the connector.
    Protocol,
    /// The source no longer holds the position that was asked for.
    PositionLost,
    /// The run was asked to stop.
    Cancelled,
    /// Another run holds what this one needs.
    InUse,
    /// Who reads what is written has closed its end: nothing is wrong, and there is nobody to write for.
    Closed,
}

/// An error of a connector, a sink or core itself.
///
/// `Display` prints the message, then `help:` with the next step where there is one. The cause, when there is
/// one, is kept as [`source`](StdError::source).
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    message: String,
    context: Vec<String>,
    help: Option<String>,
    key: Option<String>,
    transient: bool,
    reached: bool,
    cause: Option<Cause>,
}

impl Error {
    /// An error of this kind.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            context: Vec::new(),
            help: None,
            key: None,
            transient: false,
            reached: false,
            cause: None,
        }))
    }

    /// An error of the configuration.
    pub fn config(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Config, message)
    }

    /// An error of the external system that rows come from; what an author's `map_err` usually wants.
    pub fn source(cause: impl Into<Cause>) -> Self {
        Self::caused(ErrorKind::Source, cause)
    }

    /// An error of the system that rows go to.
    pub fn sink(cause: impl Into<Cause>) -> Self {
        Self::caused(ErrorKind::Sink, cause)
    }

    /// A violation of the change-stream protocol by a connector.
    pub fn protocol(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Protocol, message)
    }

    /// The source was asked for a position that it no longer holds.
    pub fn position_lost(requested: u64, earliest: Option<u64>) -> Self {
        let earliest = earliest.map_or_else(String::new, |lsn| format!(", the earliest is {lsn}"));
        Self::new(
            ErrorKind::PositionLost,
            format!("the source no longer holds position {requested}{earliest}"),
        )
        .with_help("take a new snapshot: `dozer app reset` forgets the position of a connection")
    }

    /// A panic of a connector's code.
    pub(crate) fn of_panic(what: &str, panic: &(dyn std::any::Any + Send)) -> Self {
        let message = panic.downcast_ref::<&str>().copied();
        let message = message.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
        let message = message.unwrap_or("no message");
        Self::protocol(format!("the connector's {what} panicked: {message}"))
            .with_help("this is a bug in the connector; please report it to its author")
    }

    pub(crate) fn caused(kind: ErrorKind, cause: impl Into<Cause>) -> Self {
        let cause = cause.into();
        let mut error = Self::new(kind, cause.to_string());
        // The message already says what the cause says: only what lies below it is news.
        error.0.cause = Some(cause);
        error
    }

    /// Says where it happened, outermost last: `connection `nyc``, `table `flights``.
    #[must_use]
    pub fn with_context(mut self, place: impl Into<String>) -> Self {
        self.0.context.push(place.into());
        self
    }

    /// Says what to do next.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.0.help = Some(help.into());
        self
    }

    /// Names the key of the settings that is to be changed: whoever has read them from a file says where it stands there.
    #[must_use]
    pub fn with_key(mut self, key: impl Into<String>) -> Self {
        self.0.key = Some(key.into());
        self
    }

    /// The same error as one of another kind: a driver's, say, met while writing a sink.
    #[must_use]
    pub fn with_kind(mut self, kind: ErrorKind) -> Self {
        self.0.kind = kind;
        self
    }

    /// Says that trying again can help.
    #[must_use]
    pub fn transient(mut self) -> Self {
        self.0.transient = true;
        self
    }

    /// Says that trying again can help, and that the other side was there: it is starting, say, or ended the session. Then
    /// the address is right, and it is worth waiting also before anything has worked.
    #[must_use]
    pub fn interrupted(mut self) -> Self {
        self.0.transient = true;
        self.0.reached = true;
        self
    }

    /// Says that trying again can help where this is so of what the system said: the disk is full, say, or a file is held.
    #[must_use]
    pub fn passing_as(mut self, cause: &std::io::Error) -> Self {
        use std::io::ErrorKind as Io;
        self.0.transient |= matches!(
            cause.kind(),
            Io::StorageFull
                | Io::QuotaExceeded
                | Io::ResourceBusy
                | Io::Interrupted
                | Io::WouldBlock
                | Io::TimedOut
                | Io::StaleNetworkFileHandle
                | Io::HostUnreachable
                | Io::NetworkUnreachable
                | Io::NetworkDown
        );
        self
    }

    /// Says that trying again was in vain.
    #[must_use]
    pub fn permanent(mut self) -> Self {
        self.0.transient = false;
        self
    }

    /// What sort of failure this is.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The message alone, without places and help.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// What to do next, where that is known.
    pub fn help(&self) -> Option<&str> {
        self.0.help.as_deref()
    }

    /// The key of the settings that is to be changed, where that is known.
    pub fn key(&self) -> Option<&str> {
        self.0.key.as_deref()
    }

    /// The cause, where it is a `T`: a [`CastError`](crate::CastError), say, or a driver's error.
    pub fn downcast_ref<T: StdError + 'static>(&self) -> Option<&T> {
        self.0.cause.as_ref()?.downcast_ref()
    }

    /// Whether trying again can help, though nothing has worked yet: the other side was there.
    pub fn was_reached(&self) -> bool {
        self.0.transient && self.0.reached
    }

    /// Whether trying again can help.
    pub fn is_transient(&self) -> bool {
        self.0.transient
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for place in self.0.context.iter().rev() {
            write!(f, "{place}: ")?;
        }
        f.write_str(&self.0.message)?;
        if let Some(help) = &self.0.help {
            write!(f, "\nhelp: {help}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("message", &self.to_string())
            .field("cause", &self.0.cause)
            .finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.cause.as_deref().and_then(StdError::source)
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Self::source(error)
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::source(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_come_outermost_first_and_help_last() {
        let error = Error::source("disk gone")
            .with_context("table `t`")
            .with_context("connection `c`")
            .with_help("plug it in");
        assert_eq!(
            error.to_string(),
            "connection `c`: table `t`: disk gone\nhelp: plug it in"
        );
    }
}
