//! One message.

use connector_core::{TimeUnit, Timestamp};

use super::bytes::Bytes;
use super::{DecodeError, Relation, Tuple};

/// Microseconds from 1970-01-01 to 2000-01-01, from which Postgres counts.
const EPOCH: i64 = 946_684_800_000_000;

/// A message of the change stream. `xid` is the number of the transaction (or of the part of it that a savepoint began), which only
/// messages between `StreamStart` and `StreamStop` carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Message<'m> {
    /// A transaction begins; all of it is committed already.
    Begin {
        /// The position of its commit.
        commit_lsn: u64,
        /// When it was committed.
        time: Timestamp,
        /// Its number.
        xid: u32,
    },
    /// The transaction ends.
    Commit {
        /// The position of its commit.
        commit_lsn: u64,
        /// The position behind it, which is what gets confirmed.
        end_lsn: u64,
        /// When it was committed.
        time: Timestamp,
    },
    /// The transaction came from another server.
    Origin {
        /// The position of the commit there.
        lsn: u64,
        /// The name of the origin.
        name: &'m str,
    },
    /// A table, before its first change.
    Relation {
        /// The transaction, in a stream.
        xid: Option<u32>,
        /// The table.
        relation: Relation<'m>,
    },
    /// A type that is not built in, before the table that has it. A domain's number is told as its base type's.
    Type {
        /// The transaction, in a stream.
        xid: Option<u32>,
        /// The type's number.
        oid: u32,
        /// The type's schema. The server leaves it empty for `pg_catalog`.
        schema: &'m str,
        /// The type's name.
        name: &'m str,
    },
    /// A new row.
    Insert {
        /// The transaction, in a stream.
        xid: Option<u32>,
        /// The table's number.
        relation: u32,
        /// The row.
        new: Tuple<'m>,
    },
    /// A changed row.
    Update {
        /// The transaction, in a stream.
        xid: Option<u32>,
        /// The table's number.
        relation: u32,
        /// What is told of the old row; nothing where the key stayed the same.
        old: Option<Old<'m>>,
        /// The row as it is now.
        new: Tuple<'m>,
    },
    /// A row that is gone.
    Delete {
        /// The transaction, in a stream.
        xid: Option<u32>,
        /// The table's number.
        relation: u32,
        /// What is told of it.
        old: Old<'m>,
    },
    /// Tables lost all their rows.
    Truncate {
        /// The transaction, in a stream.
        xid: Option<u32>,
        /// How it was asked for.
        options: TruncateOptions,
        /// The tables' numbers, four bytes each; see [`Message::truncated`].
        relations: &'m [[u8; 4]],
    },
    /// What `pg_logical_emit_message` wrote into the log.
    Logical {
        /// The transaction, in a stream.
        xid: Option<u32>,
        /// Whether it is part of a transaction; else it comes at once, whatever becomes of the transaction.
        transactional: bool,
        /// Its position.
        lsn: u64,
        /// Whom it is for.
        prefix: &'m str,
        /// The content.
        content: &'m [u8],
    },
    /// A part of a large transaction that is still open begins.
    StreamStart {
        /// The transaction.
        xid: u32,
        /// Whether it is the first part.
        first: bool,
    },
    /// The part ends.
    StreamStop,
    /// A transaction whose parts were sent is committed.
    StreamCommit {
        /// The transaction.
        xid: u32,
        /// The position of its commit.
        commit_lsn: u64,
        /// The position behind it.
        end_lsn: u64,
        /// When it was committed.
        time: Timestamp,
    },
    /// A transaction whose parts were sent is rolled back, or to a savepoint.
    StreamAbort {
        /// The transaction.
        xid: u32,
        /// What is rolled back: the same number, or that of the part since a savepoint.
        subtransaction: u32,
    },
}

/// What is told of an old row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Old<'m> {
    /// The replica identity's columns; the others are null.
    Key(Tuple<'m>),
    /// All of it.
    Row(Tuple<'m>),
}

/// How a truncation was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TruncateOptions {
    /// `CASCADE`.
    pub cascade: bool,
    /// `RESTART IDENTITY`.
    pub restart_identity: bool,
}

impl<'m> Message<'m> {
    /// Reads one message; `in_stream` says whether it is between `StreamStart` and `StreamStop`.
    ///
    /// # Errors
    /// When the message does not follow the protocol: what was expected, and where.
    pub fn decode(message: &'m [u8], in_stream: bool) -> Result<Self, DecodeError> {
        let mut bytes = Bytes::new(message);
        let decoded = Self::read(&mut bytes, in_stream)?;
        bytes.end()?;
        Ok(decoded)
    }

    fn read(bytes: &mut Bytes<'m>, in_stream: bool) -> Result<Self, DecodeError> {
        let start = *bytes;
        let kind = bytes.byte("kind")?;
        let xid = if in_stream && matches!(kind, b'R' | b'Y' | b'I' | b'U' | b'D' | b'T' | b'M') {
            Some(bytes.u32("transaction")?)
        } else {
            None
        };
        Ok(match kind {
            b'B' => Self::Begin {
                commit_lsn: bytes.u64("commit position")?,
                time: time(bytes)?,
                xid: bytes.u32("transaction")?,
            },
            b'C' => {
                bytes.byte("flags")?;
                Self::Commit {
                    commit_lsn: bytes.u64("commit position")?,
                    end_lsn: bytes.u64("end position")?,
                    time: time(bytes)?,
                }
            }
            b'O' => Self::Origin {
                lsn: bytes.u64("position at the origin")?,
                name: bytes.text("origin's name")?,
            },
            b'R' => Self::Relation {
                xid,
                relation: Relation::read(bytes)?,
            },
            b'Y' => Self::Type {
                xid,
                oid: bytes.u32("number of a type")?,
                schema: bytes.text("schema's name")?,
                name: bytes.text("type's name")?,
            },
            b'I' => Self::Insert {
                xid,
                relation: bytes.u32("number of a table")?,
                new: new_row(bytes)?,
            },
            b'U' => Self::Update {
                xid,
                relation: bytes.u32("number of a table")?,
                old: old_row(bytes)?,
                new: new_row(bytes)?,
            },
            b'D' => Self::Delete {
                xid,
                relation: bytes.u32("number of a table")?,
                old: old_row(bytes)?.ok_or_else(|| bytes.missing("old row or key"))?,
            },
            b'T' => truncate(bytes, xid)?,
            b'M' => Self::Logical {
                xid,
                transactional: bytes.byte("flags")? & 1 != 0,
                lsn: bytes.u64("position")?,
                prefix: bytes.text("prefix")?,
                content: {
                    let length = bytes.u32("length of the content")?;
                    bytes.take(usize::try_from(length).unwrap_or(usize::MAX), "content")?
                },
            },
            b'S' => Self::StreamStart {
                xid: bytes.u32("transaction")?,
                first: bytes.byte("mark of the first part")? != 0,
            },
            b'E' => Self::StreamStop,
            b'c' => Self::StreamCommit {
                xid: bytes.u32("transaction")?,
                commit_lsn: {
                    bytes.byte("flags")?;
                    bytes.u64("commit position")?
                },
                end_lsn: bytes.u64("end position")?,
                time: time(bytes)?,
            },
            b'A' => Self::StreamAbort {
                xid: bytes.u32("transaction")?,
                subtransaction: bytes.u32("part of the transaction")?,
            },
            _ => return Err(start.missing("known kind")),
        })
    }

    /// The numbers of the tables that a truncation names; none for any other message.
    pub fn truncated(&self) -> impl ExactSizeIterator<Item = u32> + use<'m> {
        let relations = match *self {
            Self::Truncate { relations, .. } => relations,
            _ => &[],
        };
        relations.iter().map(|oid| u32::from_be_bytes(*oid))
    }
}

/// The time of a commit, which a clock gave: it is never out of range.
fn time(bytes: &mut Bytes<'_>) -> Result<Timestamp, DecodeError> {
    let micros = bytes.i64("commit time")?.saturating_add(EPOCH);
    Ok(Timestamp::from_unit(micros, TimeUnit::Micro))
}

fn new_row<'m>(bytes: &mut Bytes<'m>) -> Result<Tuple<'m>, DecodeError> {
    if bytes.peek() != Some(b'N') {
        return Err(bytes.missing("new row"));
    }
    bytes.byte("new row")?;
    Tuple::read(bytes)
}

fn old_row<'m>(bytes: &mut Bytes<'m>) -> Result<Option<Old<'m>>, DecodeError> {
    let old: fn(Tuple<'m>) -> Old<'m> = match bytes.peek() {
        Some(b'K') => Old::Key,
        Some(b'O') => Old::Row,
        _ => return Ok(None),
    };
    bytes.byte("old row or key")?;
    Tuple::read(bytes).map(old).map(Some)
}

fn truncate<'m>(bytes: &mut Bytes<'m>, xid: Option<u32>) -> Result<Message<'m>, DecodeError> {
    let count = bytes.u32("number of tables")?;
    let options = bytes.byte("options")?;
    let length = usize::try_from(count)
        .ok()
        .and_then(|count| count.checked_mul(4));
    let relations = bytes.take(length.unwrap_or(usize::MAX), "numbers of tables")?;
    Ok(Message::Truncate {
        xid,
        options: TruncateOptions {
            cascade: options & 1 != 0,
            restart_identity: options & 2 != 0,
        },
        relations: relations.as_chunks().0,
    })
}
