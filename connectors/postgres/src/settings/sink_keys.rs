//! The keys of `config: !Postgres` of a sink.

use connector_core::prelude::*;
use serde::Deserialize;

use super::SslMode;
use super::resolve::{Said, Settings};

/// Writes rows into a Postgres database, one table for each source: by primary key where there is one, else as a multiset. The
/// checkpoint is stored in the same transaction.
#[derive(Debug, Clone, Default, Deserialize, ConnectorConfig)]
#[connector(name = "postgres")]
#[serde(deny_unknown_fields, default)]
pub struct PostgresSink {
    /// Server, login and options in one: `postgres://user:password@host:port/database?sslmode=verify-full`. Each thing is
    /// said once: here, or as a key. Special characters are written with percent signs (`@` is `%40`).
    url: Option<Secret<String>>,
    /// The server's name or address, or the directory of its Unix socket. `localhost` unless set.
    host: Option<String>,
    /// The server's port: 5432 unless set.
    port: Option<u16>,
    /// The role to log in as.
    user: Option<String>,
    /// The role's password.
    password: Option<Secret<String>>,
    /// The database; named as the user unless set.
    database: Option<String>,
    /// How far TLS protects the connection: `disable`, `prefer` (unless set), `require`, `verify-ca`, `verify-full`.
    ssl_mode: Option<SslMode>,
    /// A PEM file with the authorities that may sign the server's certificate; the system's unless set.
    ssl_root_certificate: Option<ConfigPath>,
    /// A PEM file with the certificate that this client shows.
    ssl_certificate: Option<ConfigPath>,
    /// A PEM file with the private key of that certificate.
    ssl_key: Option<ConfigPath>,
    /// What the server calls the connection: `dozer` unless set.
    application_name: Option<String>,
    /// How many seconds connecting may take: 10 unless set.
    connect_timeout: Option<u32>,
    /// How many seconds the server may be silent while it answers: 0, for as long as it takes, unless set.
    read_timeout: Option<u32>,
    /// After how many silent seconds the network is asked whether the server still lives: 30 unless set, 0 for never.
    keepalives_idle: Option<u32>,
    /// The schema of the tables; it is made if it does not exist. `public` unless set.
    schema: Option<String>,
    /// What the name of each table begins with, before the source's name: nothing unless set.
    table_prefix: Option<String>,
}

impl PostgresSink {
    /// The database that a URL names.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: Some(Secret::new(url.into())),
            ..Self::default()
        }
    }

    /// Makes the tables in this schema.
    #[must_use]
    pub fn with_schema(self, schema: impl Into<String>) -> Self {
        Self {
            schema: Some(schema.into()),
            ..self
        }
    }

    /// Begins the name of each table so.
    #[must_use]
    pub fn with_table_prefix(self, prefix: impl Into<String>) -> Self {
        Self {
            table_prefix: Some(prefix.into()),
            ..self
        }
    }

    /// The schema of the tables.
    pub fn schema(&self) -> &str {
        self.schema.as_deref().unwrap_or("public")
    }

    /// What the name of each table begins with.
    pub fn table_prefix(&self) -> &str {
        self.table_prefix.as_deref().unwrap_or_default()
    }

    /// The settings of the connection, checked and completed.
    ///
    /// # Errors
    /// Where something is missing, said twice, or contradicts something else; a password is never repeated.
    pub fn settings(&self) -> Result<Settings> {
        let path = |path: &Option<ConfigPath>| path.clone().map(ConfigPath::into_path_buf);
        let keys = Said {
            host: self.host.clone(),
            port: self.port,
            user: self.user.clone(),
            password: self.password.clone(),
            database: self.database.clone(),
            ssl_mode: self.ssl_mode,
            root_certificate: path(&self.ssl_root_certificate),
            certificate: path(&self.ssl_certificate),
            key: path(&self.ssl_key),
            application_name: self.application_name.clone(),
            connect_timeout: self.connect_timeout,
            read_timeout: self.read_timeout,
            keepalives: None,
            keepalives_idle: self.keepalives_idle,
        };
        Settings::of(self.url.as_ref(), keys)
    }
}
