//! Stopping a statement of another connection.

use std::fmt;
use std::io::{Read as _, Write as _};
use std::time::Instant;

use bytes::BytesMut;
use postgres_protocol::message::frontend;

use super::connect::connect;
use super::error::{PgError, Result};
use crate::settings::{Settings, SslMode};

/// Stops what a connection is running. Made by [`Connection::cancel_request`](super::Connection::cancel_request), to
/// be sent from any thread.
#[derive(Clone)]
pub struct CancelRequest {
    settings: Settings,
    ssl_mode: SslMode,
    process_id: i32,
    secret_key: i32,
}

impl CancelRequest {
    pub(super) fn new(
        settings: Settings,
        ssl_mode: SslMode,
        process_id: i32,
        secret_key: i32,
    ) -> Self {
        Self {
            settings,
            ssl_mode,
            process_id,
            secret_key,
        }
    }

    /// Asks the server to stop the statement, over a connection of its own. What runs then ends with SQLSTATE 57014;
    /// where nothing runs, nothing happens.
    ///
    /// # Errors
    /// When the server cannot be reached.
    pub fn send(&self) -> Result<()> {
        let deadline = Instant::now() + self.settings.connect_timeout();
        let mut transport = connect(&self.settings, self.ssl_mode, deadline)?;
        let mut request = BytesMut::new();
        frontend::cancel_request(self.process_id, self.secret_key, &mut request);
        transport
            .write_all(&request)
            .and_then(|()| transport.flush())
            .map_err(PgError::Lost)?;
        // The server hangs up once it has passed the request on; how it does so says nothing.
        let _ = transport.read(&mut [0]);
        Ok(())
    }
}

impl fmt::Debug for CancelRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CancelRequest")
            .field("process_id", &self.process_id)
            .finish_non_exhaustive()
    }
}
