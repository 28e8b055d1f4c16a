//! Rows as the messages of a stream.

use std::io::{self, Write};

use arrow_array::RecordBatch;
use arrow_ipc::writer::{
    DictionaryTracker, IpcDataGenerator, IpcWriteOptions, StreamEncoder, write_message,
};
use arrow_schema::{ArrowError, Schema};

/// What ends a stream.
pub(super) const END: [u8; 8] = [0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0];

/// Makes the messages of one schema.
pub(super) struct Encoder {
    header: Vec<u8>,
    messages: StreamEncoder,
}

impl std::fmt::Debug for Encoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Encoder").finish_non_exhaustive()
    }
}

impl Encoder {
    pub(super) fn new(schema: &Schema) -> Result<Self, ArrowError> {
        let options = IpcWriteOptions::default();
        let message = IpcDataGenerator::default().schema_to_bytes_with_dictionary_tracker(
            schema,
            &mut DictionaryTracker::new(false),
            &options,
        );
        let mut header = Vec::new();
        write_message(&mut header, message, &options)?;
        let mut messages = StreamEncoder::try_new(schema)?;
        // Its first message comes with the schema, which a stream that is continued has already.
        messages.encode(&RecordBatch::new_empty(schema.clone().into()))?;
        Ok(Self { header, messages })
    }

    /// What a stream begins with.
    pub(super) fn header(&self) -> &[u8] {
        &self.header
    }

    /// Writes rows; gives how many bytes they took.
    pub(super) fn write(&mut self, rows: &RecordBatch, into: &mut impl Write) -> io::Result<u64> {
        let mut bytes = 0;
        for buffer in self.messages.encode(rows).map_err(io::Error::other)? {
            into.write_all(&buffer)?;
            bytes += buffer.len() as u64;
        }
        Ok(bytes)
    }
}
