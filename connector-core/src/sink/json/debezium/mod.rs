//! Change events in Debezium's form: see `FORMATS.md` beside the crate's manifest.

mod connect;
mod form;

#[cfg(test)]
mod tests;

use std::io::Write as _;

use self::connect::Schemas;
use self::form::Form;
use crate::columns::{Column, RowOp, TableBatch};
use crate::error::{Error, ErrorKind, Result};
use crate::sink::SinkTarget;
use crate::types::{ReplicationChangesTrackingType as Tracking, SourceSchema};
use crate::value::{Timestamp, Value, json_string as string};

/// What `source.connector` says: these events are not of one of Debezium's own connectors.
const CONNECTOR: &str = "dozer";

/// How Debezium's change events are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Debezium {
    /// A line is `{"key":…,"value":…}`, and not the value alone.
    pub keys: bool,
    /// Key and value are `{"schema":…,"payload":…}`.
    pub schemas: bool,
    /// After the event of a delete comes its key with the value null. Only with [`keys`](Self::keys).
    pub tombstones: bool,
}

/// Writes the events of one source.
#[derive(Debug)]
pub(in crate::sink) struct Envelopes {
    options: Debezium,
    table: String,
    fields: Vec<EventField>,
    /// The places of the key's fields.
    key: Vec<usize>,
    /// Whether old images hold the key alone.
    keys_only: bool,
    /// The start of every source block, up to the time.
    source: Vec<u8>,
    /// `,"db":…,"schema":…,"table":…` of every source block.
    place: Vec<u8>,
    schemas: Schemas,
}

/// One field of a row.
#[derive(Debug)]
struct EventField {
    name: String,
    /// `"name":`.
    quoted: Vec<u8>,
    form: Form,
    /// Whether it may be null in a row.
    optional: bool,
}

/// One event before it is written: the rows are places in a batch.
#[derive(Clone, Copy)]
struct Change {
    op: &'static str,
    before: Option<usize>,
    after: Option<usize>,
    lsn: u64,
    seq: u64,
}

/// What the events of one batch share.
#[derive(Clone, Copy)]
struct Moment {
    millis: i64,
    snapshot: bool,
}

impl Moment {
    fn now(snapshot: bool) -> Self {
        let now = Timestamp::now();
        Self {
            millis: now.seconds() * 1_000 + i64::from(now.nanos() / 1_000_000),
            snapshot,
        }
    }
}

impl Envelopes {
    pub(in crate::sink) fn new(
        options: Debezium,
        target: &SinkTarget,
        schema: &SourceSchema,
    ) -> Self {
        let keys_only = schema.replication_type == Tracking::OnlyPK;
        let field = |(place, field): (usize, &crate::types::FieldDefinition)| {
            let mut quoted = quoted(&field.name);
            quoted.push(b':');
            EventField {
                name: field.name.clone(),
                quoted,
                form: Form::of(field),
                // An old image that is the key alone has null for everything else.
                optional: field.nullable || (keys_only && !schema.schema.is_key(place)),
            }
        };
        let fields: Vec<EventField> = schema.schema.fields.iter().enumerate().map(field).collect();
        let key = schema.schema.primary_index.clone();
        let mut source = Vec::new();
        source.extend_from_slice(b"{\"version\":");
        string(&mut source, env!("CARGO_PKG_VERSION"));
        source.extend_from_slice(b",\"connector\":");
        string(&mut source, CONNECTOR);
        source.extend_from_slice(b",\"name\":");
        string(&mut source, &target.app);
        let mut place = Vec::new();
        place.extend_from_slice(b",\"db\":");
        string(&mut place, &target.connection);
        place.extend_from_slice(b",\"schema\":");
        match &schema.namespace {
            Some(namespace) => string(&mut place, namespace),
            None => place.extend_from_slice(b"null"),
        }
        place.extend_from_slice(b",\"table\":");
        string(&mut place, &schema.table_name);
        let namespace = schema.namespace.as_deref();
        let prefix = [
            target.app.as_str(),
            namespace.unwrap_or(&target.connection),
            &schema.table_name,
        ];
        Self {
            schemas: Schemas::new(&prefix, &fields, &key),
            options,
            table: schema.table_name.clone(),
            fields,
            key,
            keys_only,
            source,
            place,
        }
    }

    /// Appends the events of a batch.
    ///
    /// # Errors
    /// When a value was not sent and has no placeholder, or is out of the range of Debezium's type.
    pub(in crate::sink) fn batch(
        &self,
        out: &mut Vec<u8>,
        batch: &TableBatch,
        snapshot: bool,
    ) -> Result<()> {
        let moment = Moment::now(snapshot);
        let columns = &batch.columns;
        let mut old = None;
        for (row, op) in batch.ops.iter().enumerate() {
            let (lsn, seq) = batch.position(row).unwrap_or_default();
            let change = |op, before, after| Change {
                op,
                before,
                after,
                lsn,
                seq,
            };
            match op {
                RowOp::Insert => {
                    let op = if snapshot { "r" } else { "c" };
                    self.event(out, columns, change(op, None, Some(row)), moment)?;
                }
                RowOp::Delete => self.delete(out, columns, change("d", Some(row), None), moment)?,
                RowOp::UpdateBefore => old = Some(row),
                RowOp::UpdateAfter => match old.take() {
                    // As Debezium does it: the old key is deleted, and the new one created.
                    Some(before) if self.key_differs(columns, before, row) => {
                        self.delete(out, columns, change("d", Some(before), None), moment)?;
                        self.event(out, columns, change("c", None, Some(row)), moment)?;
                    }
                    before => {
                        let before = before.filter(|_| !self.keys_only);
                        self.event(out, columns, change("u", before, Some(row)), moment)?;
                    }
                },
            }
        }
        Ok(())
    }

    /// Appends the event of a truncate.
    pub(in crate::sink) fn truncate(&self, out: &mut Vec<u8>, lsn: u64, seq: u64) {
        let change = Change {
            op: "t",
            before: None,
            after: None,
            lsn,
            seq,
        };
        // An event without rows has no value that could be refused.
        let _ = self.event(out, &[], change, Moment::now(false));
    }

    fn delete(
        &self,
        out: &mut Vec<u8>,
        columns: &[Column],
        change: Change,
        moment: Moment,
    ) -> Result<()> {
        self.event(out, columns, change, moment)?;
        if self.options.tombstones && !self.key.is_empty() {
            out.extend_from_slice(b"{\"key\":");
            self.key(out, columns, change)?;
            out.extend_from_slice(b",\"value\":null}\n");
        }
        Ok(())
    }

    fn event(
        &self,
        out: &mut Vec<u8>,
        columns: &[Column],
        change: Change,
        moment: Moment,
    ) -> Result<()> {
        if self.options.keys {
            out.extend_from_slice(b"{\"key\":");
            self.key(out, columns, change)?;
            out.extend_from_slice(b",\"value\":");
        }
        if self.options.schemas {
            out.extend_from_slice(b"{\"schema\":");
            out.extend_from_slice(&self.schemas.value);
            out.extend_from_slice(b",\"payload\":");
        }
        out.extend_from_slice(b"{\"before\":");
        self.row(out, columns, change.before, change)?;
        out.extend_from_slice(b",\"after\":");
        self.row(out, columns, change.after, change)?;
        out.extend_from_slice(b",\"source\":");
        self.source_block(out, change, moment);
        // Writing to a `Vec` cannot fail.
        let _ = write!(
            out,
            ",\"transaction\":null,\"op\":\"{}\",\"ts_ms\":{}}}",
            change.op, moment.millis
        );
        if self.options.schemas {
            out.push(b'}');
        }
        if self.options.keys {
            out.push(b'}');
        }
        out.push(b'\n');
        Ok(())
    }

    fn source_block(&self, out: &mut Vec<u8>, change: Change, moment: Moment) {
        let Change { lsn, seq, .. } = change;
        out.extend_from_slice(&self.source);
        let _ = write!(
            out,
            ",\"ts_ms\":{},\"snapshot\":\"{}\"",
            moment.millis, moment.snapshot
        );
        out.extend_from_slice(&self.place);
        let _ = write!(
            out,
            ",\"sequence\":\"[\\\"{lsn}\\\",\\\"{seq}\\\"]\",\"txId\":{lsn},\"lsn\":{lsn},\"seq\":{seq}}}"
        );
    }

    /// The key of the row that is there, or was there: null where there is none.
    fn key(&self, out: &mut Vec<u8>, columns: &[Column], change: Change) -> Result<()> {
        let row = change.after.or(change.before);
        let Some(row) = row.filter(|_| !self.key.is_empty()) else {
            out.extend_from_slice(b"null");
            return Ok(());
        };
        if self.options.schemas {
            out.extend_from_slice(b"{\"schema\":");
            out.extend_from_slice(&self.schemas.key);
            out.extend_from_slice(b",\"payload\":");
        }
        self.values(out, columns, self.key.iter().copied(), row, change)?;
        if self.options.schemas {
            out.push(b'}');
        }
        Ok(())
    }

    fn row(
        &self,
        out: &mut Vec<u8>,
        columns: &[Column],
        row: Option<usize>,
        change: Change,
    ) -> Result<()> {
        if let Some(row) = row {
            return self.values(out, columns, 0..self.fields.len(), row, change);
        }
        out.extend_from_slice(b"null");
        Ok(())
    }

    fn values(
        &self,
        out: &mut Vec<u8>,
        columns: &[Column],
        places: impl Iterator<Item = usize>,
        row: usize,
        change: Change,
    ) -> Result<()> {
        let mut separator = b'{';
        for place in places {
            let (Some(field), Some(column)) = (self.fields.get(place), columns.get(place)) else {
                continue;
            };
            out.push(separator);
            separator = b',';
            out.extend_from_slice(&field.quoted);
            let value = match column.value(row) {
                // What is not in the key of an old row is null there, as Debezium has it.
                Value::Unchanged if change.after != Some(row) => Value::Null,
                value => value,
            };
            if !field.form.write(out, value) {
                return Err(self.refused(field, value, change));
            }
        }
        if separator == b'{' {
            out.push(b'{');
        }
        out.push(b'}');
        Ok(())
    }

    #[cold]
    fn refused(&self, field: &EventField, value: Value<'_>, change: Change) -> Error {
        let why = if value == Value::Unchanged {
            "was not sent, and its type has no placeholder".to_owned()
        } else {
            format!("is out of range: {}", value.preview())
        };
        Error::new(
            ErrorKind::Sink,
            format!(
                "table `{}`, column `{}` at position ({}, {}): a value of Debezium's `{}` {why}",
                self.table,
                field.name,
                change.lsn,
                change.seq,
                field.form.name()
            ),
        )
        .with_help("use `format: lines`, or leave the column out by `columns`")
    }

    fn key_differs(&self, columns: &[Column], one: usize, other: usize) -> bool {
        let differs = |column: &Column| column.value(one) != column.value(other);
        let key = self.key.iter().filter_map(|&place| columns.get(place));
        key.into_iter().any(differs)
    }
}

fn quoted(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    string(&mut out, text);
    out
}
