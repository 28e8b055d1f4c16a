//! What goes wrong between this client and a server, and whether trying again can help.

use std::io;
use std::time::Duration;

use connector_core::Error;

use super::server_error::ServerError;

/// A result whose error is a [`PgError`].
pub type Result<T, E = PgError> = std::result::Result<T, E>;

/// An error of a connection. Converts to core's error, with help and with what it says about a retry.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PgError {
    /// The settings cannot be used: a certificate file that is missing, say.
    #[error("{}", .0.message())]
    Settings(Error),
    /// The server cannot be reached.
    #[error("cannot connect to `{server}`: {cause}")]
    Connect {
        /// The server, as `host:port` or the path of its socket.
        server: String,
        /// Why not: the message says it.
        cause: io::Error,
    },
    /// The connection was cut; the message says how.
    #[error("the connection to the server was lost: {0}")]
    Lost(io::Error),
    /// The server was silent for too long.
    #[error("the server did not answer within {after:?} while {doing}")]
    Timeout {
        /// What it was asked for.
        doing: &'static str,
        /// How long it was waited for.
        after: Duration,
    },
    /// TLS is not possible, or the server's certificate is not to be trusted.
    #[error("{message}")]
    Tls {
        /// What is wrong.
        message: String,
        /// What to do about it.
        help: String,
        /// Whether the failure was of the network, not of a certificate.
        transient: bool,
    },
    /// The login is not possible in the way that the server asks for.
    #[error("{message}")]
    Login {
        /// What is wrong.
        message: String,
        /// What to do about it.
        help: String,
    },
    /// The server reported an error.
    #[error("{0}")]
    Server(Box<ServerError>),
    /// The server ended the replication stream in good order: it is being shut down.
    #[error("the server ended the replication stream")]
    StreamEnded,
    /// The connection was used after it broke, or in the middle of a COPY that was not read to its end.
    #[error("the connection cannot be used any more: {0}")]
    Unusable(&'static str),
    /// The server sent what the protocol does not allow here, or more than is taken.
    #[error("the server does not keep to Postgres's protocol: {0}")]
    Protocol(String),
    /// An answer does not look as the statement asks for: a column is missing, a value is null or has another form.
    #[error("{0}")]
    Answer(String),
}

impl PgError {
    pub(super) fn protocol(message: impl Into<String>) -> Self {
        Self::Protocol(message.into())
    }

    /// The error that the server reported, where it is one.
    pub fn server(&self) -> Option<&ServerError> {
        match self {
            Self::Server(error) => Some(error),
            _ => None,
        }
    }

    /// The SQLSTATE, where the server reported one.
    pub fn code(&self) -> Option<&str> {
        self.server().map(|error| &*error.code)
    }

    /// Whether trying again, over a new connection, can help.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Connect { cause, .. } => can_be_reached_later(cause),
            Self::Lost(_) | Self::Timeout { .. } | Self::StreamEnded | Self::Unusable(_) => true,
            Self::Tls { transient, .. } => *transient,
            Self::Server(error) => error.is_transient(),
            Self::Settings(_) | Self::Login { .. } | Self::Protocol(_) | Self::Answer(_) => false,
        }
    }

    /// Whether it is transient, and the server was there: it refused, hung up or was silent.
    pub fn was_reached(&self) -> bool {
        self.is_transient() && !matches!(self, Self::Connect { .. })
    }

    /// What to do next, where that is known.
    pub fn help(&self) -> Option<&str> {
        match self {
            Self::Settings(error) => error.help(),
            Self::Connect { cause, .. } => Some(match cause.kind() {
                io::ErrorKind::ConnectionRefused | io::ErrorKind::NotFound => {
                    "check that the server runs and listens there (`listen_addresses`, `port`, \
                     `unix_socket_directories`), and the host and port of the connection"
                }
                io::ErrorKind::PermissionDenied => "check the rights on the socket's directory",
                io::ErrorKind::TimedOut => {
                    "check the host and the port, and the firewalls on the way"
                }
                _ => "check the host and the port",
            }),
            Self::Timeout { .. } => Some(
                "check the network and the server's load; `connect_timeout` and `read_timeout` set the limits",
            ),
            Self::Lost(_) | Self::StreamEnded => {
                Some("the server was stopped or the network cut; try again when it is back")
            }
            Self::Tls { help, .. } | Self::Login { help, .. } => Some(help),
            Self::Server(error) => error.help(),
            Self::Unusable(_) | Self::Protocol(_) | Self::Answer(_) => None,
        }
    }
}

fn can_be_reached_later(cause: &io::Error) -> bool {
    use io::ErrorKind as Kind;
    match cause.kind() {
        Kind::PermissionDenied | Kind::InvalidInput | Kind::Unsupported => false,
        // A name that the resolver knows not to exist has no kind of its own; a resolver that is down says this.
        Kind::Other => cause.to_string().contains("Temporary failure"),
        _ => true,
    }
}

impl From<PgError> for Error {
    fn from(error: PgError) -> Self {
        if let PgError::Settings(error) = error {
            return error;
        }
        let help = error.help().map(str::to_owned);
        let (transient, reached) = (error.is_transient(), error.was_reached());
        let mut converted = Self::source(error);
        if let Some(help) = help {
            converted = converted.with_help(help);
        }
        if reached {
            converted = converted.interrupted();
        } else if transient {
            converted = converted.transient();
        }
        converted
    }
}
