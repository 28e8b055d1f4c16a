//! What was said, checked and completed.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use connector_core::{Error, Result, Secret};

use super::SslMode;
use super::url;

/// What a URL or the keys say, each thing or nothing.
#[derive(Debug, Default)]
pub(super) struct Said {
    pub(super) host: Option<String>,
    pub(super) port: Option<u16>,
    pub(super) user: Option<String>,
    pub(super) password: Option<Secret<String>>,
    pub(super) database: Option<String>,
    pub(super) ssl_mode: Option<SslMode>,
    pub(super) root_certificate: Option<PathBuf>,
    pub(super) certificate: Option<PathBuf>,
    pub(super) key: Option<PathBuf>,
    pub(super) application_name: Option<String>,
    /// Seconds, as the other times.
    pub(super) connect_timeout: Option<u32>,
    pub(super) read_timeout: Option<u32>,
    pub(super) keepalives: Option<bool>,
    pub(super) keepalives_idle: Option<u32>,
}

impl Said {
    /// Both together, where nothing is said twice. `self` is the URL.
    pub(super) fn and(self, keys: Self) -> Result<Self> {
        Ok(Self {
            host: once("host", self.host, keys.host)?,
            port: once("port", self.port, keys.port)?,
            user: once("user", self.user, keys.user)?,
            password: once("password", self.password, keys.password)?,
            database: once("database", self.database, keys.database)?,
            ssl_mode: once("ssl_mode", self.ssl_mode, keys.ssl_mode)?,
            root_certificate: once(
                "ssl_root_certificate",
                self.root_certificate,
                keys.root_certificate,
            )?,
            certificate: once("ssl_certificate", self.certificate, keys.certificate)?,
            key: once("ssl_key", self.key, keys.key)?,
            application_name: once(
                "application_name",
                self.application_name,
                keys.application_name,
            )?,
            connect_timeout: once(
                "connect_timeout",
                self.connect_timeout,
                keys.connect_timeout,
            )?,
            read_timeout: once("read_timeout", self.read_timeout, keys.read_timeout)?,
            keepalives: self.keepalives,
            keepalives_idle: once(
                "keepalives_idle",
                self.keepalives_idle,
                keys.keepalives_idle,
            )?,
        })
    }
}

fn once<T>(key: &str, in_url: Option<T>, as_key: Option<T>) -> Result<Option<T>> {
    if in_url.is_some() && as_key.is_some() {
        let message = format!("the key `{key}` and the `url` say the same thing");
        return Err(Error::config(message)
            .with_help(format!("remove the key `{key}`, or that part of the `url`"))
            .with_key(key));
    }
    Ok(in_url.or(as_key))
}

/// Where the server listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Host {
    /// A host name or an IP address.
    Name(String),
    /// The directory of a Unix socket, which the server calls `.s.PGSQL.<port>`.
    Socket(PathBuf),
}

/// The certificate that this client shows, and its key: PEM files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The certificate, then those that signed it.
    pub certificate: PathBuf,
    /// The private key, not encrypted.
    pub key: PathBuf,
}

/// Everything needed to reach a server, checked. The password never prints.
#[derive(Debug, Clone)]
pub struct Settings {
    host: Host,
    port: u16,
    user: String,
    password: Option<Secret<String>>,
    database: String,
    ssl_mode: SslMode,
    root_certificate: Option<PathBuf>,
    identity: Option<Identity>,
    application_name: String,
    connect_timeout: Duration,
    read_timeout: Option<Duration>,
    keepalives_idle: Option<Duration>,
}

impl Settings {
    /// The settings that a URL says: `postgres://user:password@host:port/database?sslmode=verify-full`.
    ///
    /// # Errors
    /// Of the configuration; they never repeat a password.
    pub fn from_url(url: &str) -> Result<Self> {
        Self::resolve(url::parse(url)?)
    }

    /// The settings that a URL and keys say together.
    pub(super) fn of(url: Option<&Secret<String>>, keys: Said) -> Result<Self> {
        match url {
            Some(url) => Self::resolve(url::parse(url.expose())?.and(keys)?),
            None => Self::resolve(keys),
        }
    }

    pub(super) fn resolve(said: Said) -> Result<Self> {
        let host = said.host.unwrap_or_else(|| "localhost".to_owned());
        if host.contains("://") || host.contains('@') {
            // It may hold a password: it is not repeated.
            return Err(Error::config(
                "`host` is the name of a server, and what stands there looks like a URL",
            )
            .with_help("put it under `url`")
            .with_key("host"));
        }
        let host = if host.starts_with('/') {
            Host::Socket(PathBuf::from(host))
        } else {
            Host::Name(host)
        };
        let user = said.user.filter(|user| !user.is_empty()).ok_or_else(|| {
            missing("the user", "`user: …`, or `postgres://user@…` in the `url`").with_key("user")
        })?;
        let ssl_mode = said.ssl_mode.unwrap_or_default();
        if let (Host::Socket(_), true) =
            (&host, ssl_mode.verifies() || ssl_mode == SslMode::Require)
        {
            let message = format!("`{ssl_mode}` is asked for, but a Unix socket has no TLS");
            return Err(Error::config(message)
                .with_help("remove the ssl mode: nobody can listen in on a Unix socket")
                .with_key("ssl_mode"));
        }
        if said.root_certificate.is_some() && !ssl_mode.verifies() {
            let message = format!("there is a root certificate, but `{ssl_mode}` checks none");
            return Err(Error::config(message)
                .with_help(
                    "set the ssl mode to `verify-full`, or to `verify-ca` where names differ",
                )
                .with_key("ssl_root_certificate"));
        }
        let identity = match (said.certificate, said.key) {
            (Some(certificate), Some(key)) => Some(Identity { certificate, key }),
            (None, None) => None,
            (Some(_), None) => {
                let error = missing("the key of the client certificate", "`ssl_key: …`");
                return Err(error.with_key("ssl_certificate"));
            }
            (None, Some(_)) => {
                let error = missing("the client certificate", "`ssl_certificate: …`");
                return Err(error.with_key("ssl_key"));
            }
        };
        let seconds = |seconds: u32| Duration::from_secs(seconds.into());
        let nonzero = |time: u32| (time > 0).then(|| seconds(time));
        let keeps_alive = said.keepalives.unwrap_or(true);
        let settings = Self {
            host,
            port: said.port.unwrap_or(5432),
            database: said.database.unwrap_or_else(|| user.clone()),
            user,
            password: said.password,
            ssl_mode,
            root_certificate: said.root_certificate,
            identity,
            application_name: said.application_name.unwrap_or_else(|| "dozer".to_owned()),
            connect_timeout: nonzero(said.connect_timeout.unwrap_or(10)).ok_or_else(|| {
                missing("a `connect_timeout` of at least 1", "seconds").with_key("connect_timeout")
            })?,
            read_timeout: nonzero(said.read_timeout.unwrap_or(0)),
            keepalives_idle: nonzero(said.keepalives_idle.unwrap_or(30)).filter(|_| keeps_alive),
        };
        if settings.port == 0 {
            let error = missing("a port other than 0", "the server's, usually 5432");
            return Err(error.with_key("port"));
        }
        settings.without_zero_bytes()
    }

    /// The protocol ends every text with a zero byte: one inside a text would begin another.
    fn without_zero_bytes(self) -> Result<Self> {
        let password = self
            .password
            .as_ref()
            .map_or("", |password| password.expose());
        for (key, text) in [
            ("user", self.user.as_str()),
            ("database", &self.database),
            ("application_name", &self.application_name),
            ("password", password),
        ] {
            if text.contains('\0') {
                return Err(Error::config(format!("`{key}` contains a zero byte")).with_key(key));
            }
        }
        Ok(self)
    }

    /// The same with another database of the server.
    #[must_use]
    pub fn with_database(self, database: impl Into<String>) -> Self {
        let database = database.into();
        Self { database, ..self }
    }

    /// The same with another time to wait for a server that is silent while something is asked of it;
    /// `None` waits as long as the connection lives.
    #[must_use]
    pub fn with_read_timeout(self, read_timeout: Option<Duration>) -> Self {
        Self {
            read_timeout,
            ..self
        }
    }

    /// Where the server listens.
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// The port, or the number in the socket's name.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The role to log in as.
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The database.
    pub fn database(&self) -> &str {
        &self.database
    }

    /// The password, where there is one.
    pub(crate) fn password(&self) -> Option<&str> {
        self.password
            .as_ref()
            .map(|password| password.expose().as_str())
    }

    /// How far TLS protects the connection.
    pub fn ssl_mode(&self) -> SslMode {
        self.ssl_mode
    }

    /// The PEM file of the authorities that may sign the server's certificate; the system's where `None`.
    pub fn root_certificate(&self) -> Option<&Path> {
        self.root_certificate.as_deref()
    }

    /// The client's own certificate.
    pub fn identity(&self) -> Option<&Identity> {
        self.identity.as_ref()
    }

    /// What the server calls this connection in `pg_stat_activity`.
    pub fn application_name(&self) -> &str {
        &self.application_name
    }

    /// How long connecting may take, to the end of the login. The look-up of the name has the system's own limit.
    pub fn connect_timeout(&self) -> Duration {
        self.connect_timeout
    }

    /// How long the server may be silent while something is asked of it.
    pub fn read_timeout(&self) -> Option<Duration> {
        self.read_timeout
    }

    /// After how long a silent TCP connection is probed.
    pub fn keepalives_idle(&self) -> Option<Duration> {
        self.keepalives_idle
    }

    /// The server as messages name it: `host:port`, or the path of the socket.
    pub fn server(&self) -> String {
        match &self.host {
            Host::Name(name) if name.contains(':') => format!("[{name}]:{}", self.port),
            Host::Name(name) => format!("{name}:{}", self.port),
            Host::Socket(_) => self.socket_path().display().to_string(),
        }
    }

    pub(crate) fn socket_path(&self) -> PathBuf {
        let directory = match &self.host {
            Host::Socket(directory) => directory.as_path(),
            Host::Name(_) => Path::new(""),
        };
        directory.join(format!(".s.PGSQL.{}", self.port))
    }
}

/// The server, the database and the user.
impl fmt::Display for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (server, database, user) = (self.server(), &self.database, &self.user);
        write!(f, "{server}, database `{database}`, user `{user}`")
    }
}

fn missing(what: &str, write: &str) -> Error {
    Error::config(format!("{what} is missing")).with_help(format!("add {write}"))
}
