//! What a server says when it refuses or warns.

use std::fmt;

use super::body::Body;

/// An error that the server reported.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerError {
    /// `ERROR`, `FATAL` or `PANIC`; after the latter two the connection is gone.
    pub severity: String,
    /// The five characters of the SQLSTATE.
    pub code: String,
    /// What is wrong.
    pub message: String,
    /// More about it.
    pub detail: Option<String>,
    /// What to do, in the server's words.
    pub hint: Option<String>,
    /// The schema of the table that it is about.
    pub schema: Option<String>,
    /// The table that it is about.
    pub table: Option<String>,
    /// The column that it is about.
    pub column: Option<String>,
}

impl ServerError {
    /// Reads the fields of an `ErrorResponse`; what is malformed is left out, since an error about an error helps nobody.
    pub(super) fn read(body: &[u8]) -> Self {
        let mut error = Self::default();
        let mut body = Body::new(body);
        while let Ok(field @ 1..) = body.byte() {
            let Ok(text) = body.bytes_to_zero() else {
                break;
            };
            let text = String::from_utf8_lossy(text).into_owned();
            match field {
                // `V` is never translated; servers before 9.6 send `S` alone.
                b'V' => error.severity = text,
                b'S' if error.severity.is_empty() => error.severity = text,
                b'C' => error.code = text,
                b'M' => error.message = text,
                b'D' => error.detail = Some(text),
                b'H' => error.hint = Some(text),
                b's' => error.schema = Some(text),
                b't' => error.table = Some(text),
                b'c' => error.column = Some(text),
                _ => {}
            }
        }
        error
    }

    /// Whether the server has closed the connection after this.
    pub fn is_fatal(&self) -> bool {
        matches!(&*self.severity, "FATAL" | "PANIC")
    }

    /// Whether the same request can succeed later, perhaps over a new connection.
    pub fn is_transient(&self) -> bool {
        const CODES: [&str; 12] = [
            // Shut down, crashed, starting, idle for too long: the server or its session comes back.
            "57P01", "57P02", "57P03", "57P05", "25P03", "25P04",
            // Out of connections or memory; another holds the object or the lock.
            "53300", "53200", "55006", "55P03", // Serialization failure, deadlock.
            "40001", "40P01",
        ];
        self.code.starts_with("08") || CODES.contains(&&*self.code)
    }

    /// What a person can do about it: our own words for what people meet most, else the server's hint.
    pub fn help(&self) -> Option<&str> {
        let own = match &*self.code {
            "28P01" => "check the user and the password",
            "28000" if self.message.contains("pg_hba.conf") => {
                "add a line for this user, database and address to the server's `pg_hba.conf` (for replication, a \
                 line with `replication` or this database) and reload the server; if it says `no encryption`, set \
                 the ssl mode to `require` or better"
            }
            "28000" => "check the user, and how `pg_hba.conf` lets it log in",
            "3D000" => "check the name of the database",
            "42501" if self.message.contains("replication") => {
                "let the role replicate: `ALTER ROLE … REPLICATION`"
            }
            "42501" => "grant the right to the role that the connection logs in as",
            "53300" => {
                "raise `max_connections` or `max_wal_senders`, or close connections that nobody needs"
            }
            "57P01" | "57P02" | "57P03" => {
                "the server stops, starts or recovers; try again when it is up"
            }
            "55006" => {
                "another connection uses it; stop that one first, or wait until the server has noticed its end"
            }
            _ => return self.hint.as_deref(),
        };
        Some(own)
    }
}

impl fmt::Display for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let message = if self.message.is_empty() {
            "the server reported an error without words"
        } else {
            &self.message
        };
        write!(f, "{message}")?;
        if !self.code.is_empty() {
            write!(f, " (SQLSTATE {})", self.code)?;
        }
        if let Some(detail) = &self.detail {
            write!(f, ": {detail}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_field_is_read() {
        let body = b"SFEHLER\0VERROR\0C42P01\0Mno table\0Dd\0Hh\0sS\0tT\0cC\0Ffile.c\0\0";
        let error = ServerError::read(body);
        assert_eq!(error.severity, "ERROR");
        assert_eq!(error.to_string(), "no table (SQLSTATE 42P01): d");
        assert_eq!(error.help(), Some("h"));
        let place = (
            error.schema.as_deref(),
            error.table.as_deref(),
            error.column.as_deref(),
        );
        assert_eq!(place, (Some("S"), Some("T"), Some("C")));
    }

    #[test]
    fn the_code_says_whether_a_retry_can_help() {
        let of = |code: &str| ServerError {
            code: code.to_owned(),
            ..ServerError::default()
        };
        for code in [
            "57P01", "57P02", "57P03", "08006", "08001", "53300", "40001", "55006",
        ] {
            assert!(of(code).is_transient(), "{code}");
        }
        for code in [
            "28P01", "28000", "3D000", "42501", "42P01", "42601", "57P04", "", "XX000",
        ] {
            assert!(!of(code).is_transient(), "{code}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic(body: Vec<u8>) {
            let _ = ServerError::read(&body).to_string();
        }
    }
}
