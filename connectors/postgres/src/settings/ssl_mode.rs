//! How far the connection is protected.

use std::fmt;
use std::str::FromStr;

use connector_core::config::ConfigValue;
use connector_core::{Error, Result, did_you_mean};
use serde::Deserialize;

/// How far TLS protects the connection; the words are Postgres's own. A Unix socket never has TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SslMode {
    /// No TLS.
    Disable,
    /// TLS where the server has it, else none. Protects from nobody who can change traffic.
    #[default]
    Prefer,
    /// TLS, whoever the server is: its certificate is not checked.
    Require,
    /// TLS, and an authority that is trusted has signed the server's certificate.
    VerifyCa,
    /// As `verify-ca`, and the certificate is for the host that was asked for.
    VerifyFull,
}

impl SslMode {
    const ALL: [(Self, &'static str); 5] = [
        (Self::Disable, "disable"),
        (Self::Prefer, "prefer"),
        (Self::Require, "require"),
        (Self::VerifyCa, "verify-ca"),
        (Self::VerifyFull, "verify-full"),
    ];

    /// Whether the server's certificate is checked.
    pub fn verifies(self) -> bool {
        matches!(self, Self::VerifyCa | Self::VerifyFull)
    }
}

impl fmt::Display for SslMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Self::ALL.iter().find(|(mode, _)| mode == self);
        f.write_str(name.map_or("", |(_, name)| name))
    }
}

impl FromStr for SslMode {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let found = Self::ALL.iter().find(|(_, name)| *name == text);
        found.map(|(mode, _)| *mode).ok_or_else(|| {
            let names = Self::ALL.iter().map(|(_, name)| *name);
            Error::config("`sslmode` has an unknown value").with_help(did_you_mean(text, names))
        })
    }
}

impl ConfigValue for SslMode {
    fn schema() -> serde_json::Value {
        let names: Vec<&str> = Self::ALL.iter().map(|(_, name)| *name).collect();
        serde_json::json!({ "type": "string", "enum": names, "default": "prefer" })
    }
}
