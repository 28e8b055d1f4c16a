//! A message that is not one.

/// A message that does not follow the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a replication message{} has no {expected} at byte {at}", self.kind())]
pub struct DecodeError {
    /// The first byte of the message, which says what it is; `None` where the message is empty.
    pub message: Option<u8>,
    /// What should have been there.
    pub expected: &'static str,
    /// The place in the message, from 0.
    pub at: usize,
}

impl DecodeError {
    fn kind(&self) -> String {
        self.message.map_or_else(String::new, |kind| {
            format!(" of the kind `{}`", char::from(kind).escape_default())
        })
    }
}
