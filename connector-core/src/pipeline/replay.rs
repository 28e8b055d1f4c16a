//! Rows that did not fit, cast again and written into the sinks.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Serialize;

use super::attempt::Attempts;
use super::dead_letters::{Kept, Letter, LetterFile, Line, path_of};
use super::run::{RunOptions, of_run};
use super::{App, AppConnection, Held, Pipeline};
use crate::checkpoint::{Checkpoint, Phase};
use crate::columns::{
    Batch, Column, Image, OnMisfit, Planned, Refusal, RowOp, RowPlan, RowWriter, TableBatch, Why,
};
use crate::error::{Error, ErrorKind, Result};
use crate::failpoint;
use crate::sink::{Sink, SinkTarget};
use crate::types::{FieldType, SourceSchema};
use crate::value::Value;

/// So many rows are written at once.
const ROWS: usize = 1_024;

/// What became of the dead letters of a connection.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Replayed {
    /// The connection.
    pub connection: String,
    /// Rows that fit now, and are in the sinks.
    pub replayed: u64,
    /// Rows of which something came later, so that there is nothing to write; they are no longer kept.
    pub superseded: u64,
    /// Rows that the next run is given by the source itself; they are kept until then.
    pub ahead: u64,
    /// Rows that are kept, since they cannot be written, each with the reason.
    pub kept: Vec<KeptRow>,
}

/// A row that stays in the dead-letter file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KeptRow {
    /// The source; empty where the line is none of this release.
    pub source: String,
    /// The position of the row: the transaction.
    pub lsn: u64,
    /// The number of its change in the transaction.
    pub seq: u64,
    /// Why it stays.
    pub reason: String,
}

/// The letters of a file, judged.
struct Judged {
    /// By line.
    outcomes: Vec<Option<&'static str>>,
    tables: Vec<Refit>,
    result: Replayed,
}

/// The rows of one source that fit now.
struct Refit {
    place: usize,
    schema: Arc<SourceSchema>,
    plan: RowPlan,
    policy: OnMisfit,
    rows: TableBatch,
    full: Vec<TableBatch>,
}

impl Pipeline {
    /// Takes the rows of the dead-letter file that fit now into the sinks that store rows by key. Nothing else may run the
    /// pipeline meanwhile.
    ///
    /// A row is written only if nothing that came later of it has reached the sinks: no change of its key, no truncate of its table,
    /// no snapshot; a run notes such in the file as it passes. So a newer row is never replaced by an older one. Rows that the next
    /// run is given again, rows that still do not fit, and those of sources without a key stay in the file. What is done is
    /// moved to a file beside it; if this breaks off, the same rows are written once more.
    ///
    /// # Errors
    /// When no sink stores rows by key, a sink cannot be written or has no whole snapshot yet, or the file cannot be read or written.
    pub fn replay(mut self) -> Result<Replayed> {
        self.sinks.retain(|(_, sink)| sink.stores_by_key());
        if self.sinks.is_empty() {
            return Err(
                Error::config("no sink stores rows by key, so a row that is written again would be there twice")
                    .with_help("rows are replayed into sinks such as `!Sqlite`; the file itself holds them as JSON lines"),
            );
        }
        let connection = self.connection.clone();
        let path = path_of(&self.state_directory, &connection);
        let file = LetterFile::read(&path)?;
        if file.lines.is_empty() {
            return Ok(Replayed {
                connection,
                ..Replayed::default()
            });
        }
        let policies = self.on_misfit.clone();
        let app = self.app.clone();
        let options = RunOptions::default();
        let (sinks, _, selection) = Attempts::new(self, &options).open()?;
        if !selection.widened.is_empty() {
            return Err(Error::new(
                ErrorKind::Drift,
                "columns were added that the sinks do not have yet",
            )
            .with_help("let `dozer app run` take them on first"));
        }
        let target = SinkTarget {
            app,
            connection: connection.clone(),
            schemas: selection.schemas,
            widened: Vec::new(),
        };
        let mut sinks = stored(sinks.into_sinks(), &target)?;
        let checkpoints = sinks.iter().map(|(_, _, checkpoint)| checkpoint);
        let policy = |source: &str| policies.get(source).copied().unwrap_or_default();
        let judged = Judged::of(&file, &target, &checkpoints.collect::<Vec<_>>(), policy);
        let Judged {
            outcomes,
            tables,
            mut result,
        } = judged;
        result.connection = connection;
        failpoint::pass("replay.write.before")?;
        for (name, sink, checkpoint) in &mut sinks {
            write(sink.as_mut(), &tables, checkpoint)
                .map_err(|error| error.with_context(format!("sink `{name}`")))?;
            failpoint::pass("replay.commit.one_sink")?;
        }
        failpoint::pass("replay.commit.after")?;
        // Only what is durable in every sink is taken out.
        file.finish(|line| outcomes.get(line).copied().flatten())?;
        Ok(result)
    }
}

type StoredSink = (String, Box<dyn Sink>, Checkpoint);

/// The sinks with what each has stored; one without a whole snapshot is refused.
fn stored(sinks: Vec<(String, Box<dyn Sink>)>, target: &SinkTarget) -> Result<Vec<StoredSink>> {
    let mut stored = Vec::with_capacity(sinks.len());
    for (name, mut sink) in sinks {
        let found = sink
            .open(target)
            .map_err(|error| error.with_context(format!("sink `{name}`")))?;
        let Some(checkpoint) = found.filter(|found| found.phase == Phase::Changes) else {
            return Err(Error::new(
                ErrorKind::Sink,
                format!("sink `{name}` has no whole snapshot yet"),
            )
            .with_help("run the application: the snapshot reads every row anew"));
        };
        stored.push((name, sink, checkpoint));
    }
    Ok(stored)
}

/// Writes the rows, and leaves the position as it is.
fn write(sink: &mut dyn Sink, tables: &[Refit], checkpoint: &Checkpoint) -> Result<()> {
    let mut any = false;
    for refit in tables {
        for rows in &refit.full {
            any = true;
            sink.write(&Batch {
                phase: Phase::Changes,
                tables: vec![rows.clone()],
                rejected: Vec::new(),
                commits: Vec::new(),
                nulled: 0,
                end: checkpoint.clone(),
            })?;
        }
    }
    if any { sink.commit(checkpoint) } else { Ok(()) }
}

impl Judged {
    fn of(
        file: &LetterFile,
        target: &SinkTarget,
        stored: &[&Checkpoint],
        policy: impl Fn(&str) -> OnMisfit,
    ) -> Self {
        let open = file.open(&target.schemas);
        let schemas = target.schemas.iter().enumerate();
        let mut tables: Vec<Refit> = schemas
            .map(|(place, schema)| Refit::new(place, schema, policy(&schema.name)))
            .collect();
        let mut result = Replayed::default();
        let mut unjudged = BTreeSet::new();
        let mut outcomes = Vec::with_capacity(file.lines.len());
        for (number, (_, line)) in file.lines.iter().enumerate() {
            let letter = match line {
                Line::Letter(letter) => letter,
                Line::Later(_) => {
                    outcomes.push(Some("noted"));
                    continue;
                }
                Line::Other => {
                    result.kept.push(KeptRow {
                        source: String::new(),
                        lsn: 0,
                        seq: 0,
                        reason: format!("line {} is no letter of this release", number + 1),
                    });
                    outcomes.push(None);
                    continue;
                }
            };
            let mut keep = |reason: String| {
                result.kept.push(KeptRow {
                    source: letter.source.clone(),
                    lsn: letter.lsn,
                    seq: letter.seq,
                    reason,
                });
                None
            };
            let table = tables
                .iter_mut()
                .find(|table| table.schema.name == letter.source);
            let outcome = match table {
                None => {
                    unjudged.insert(letter.source.clone());
                    keep("its source is no longer in the configuration".to_owned())
                }
                Some(table) if table.schema.schema.primary_index.is_empty() => {
                    unjudged.insert(letter.source.clone());
                    keep("its source has no key".to_owned())
                }
                Some(_) if !open.contains(&number) => {
                    result.superseded += 1;
                    Some("superseded")
                }
                Some(_) if !stored.iter().all(|stored| is_stored(letter, stored)) => {
                    result.ahead += 1;
                    None
                }
                Some(table) => match letter.lacks().map_or_else(|| table.take(letter), Err) {
                    Ok(()) => {
                        result.replayed += 1;
                        Some("replayed")
                    }
                    Err(reason) => keep(reason),
                },
            };
            outcomes.push(outcome);
        }
        tables.iter_mut().for_each(Refit::close);
        // A note goes with the letters that it is of, and those of sources that cannot be judged stay.
        for ((_, line), outcome) in file.lines.iter().zip(&mut outcomes) {
            let Line::Later(later) = line else { continue };
            let needed = match &later.source {
                None => !unjudged.is_empty(),
                Some(source) => unjudged.contains(source),
            };
            if needed {
                *outcome = None;
            }
        }
        Self {
            outcomes,
            tables,
            result,
        }
    }
}

/// Whether a sink has come past the position of a letter: else the source gives it the row again.
fn is_stored(letter: &Letter, stored: &Checkpoint) -> bool {
    if stored.complete {
        letter.lsn <= stored.lsn
    } else {
        letter.position() <= stored.position()
    }
}

impl Refit {
    fn new(place: usize, schema: &Arc<SourceSchema>, policy: OnMisfit) -> Self {
        let fields = schema.schema.fields.iter().enumerate();
        let planned = fields.map(|(place, field)| Planned {
            target: Some(place),
            nullable: field.nullable,
            key: schema.schema.is_key(place),
        });
        Self {
            place,
            plan: RowPlan::new(planned),
            rows: empty(place, schema),
            schema: Arc::clone(schema),
            // A row that still does not fit stays where it is.
            policy: match policy {
                OnMisfit::Null => OnMisfit::Null,
                OnMisfit::Fail | OnMisfit::Reject => OnMisfit::Reject,
            },
            full: Vec::new(),
        }
    }

    /// Casts the row of a letter again; gives the reason where it does not fit.
    fn take(&mut self, letter: &Letter) -> std::result::Result<(), String> {
        let mut writer =
            RowWriter::new(&mut self.rows.columns, &self.plan, Image::New, self.policy);
        let mut appended = Ok(());
        for field in &self.schema.schema.fields {
            appended = match letter.value(&field.name) {
                // A column that was not read then: null, if that may be.
                None | Some(Kept::Null) => writer.push_null(),
                Some(Kept::Text(text)) => writer.push(typed(field.typ, &text)),
                Some(Kept::Bytes(bytes)) => writer.push(Value::Bytes(&bytes)),
            };
            if appended.is_err() {
                break;
            }
        }
        if let Err(refusal) = writer.finish(appended) {
            let rows = self.rows.ops.len();
            for column in &mut self.rows.columns {
                column.truncate(rows);
            }
            return Err(self.reason(&refusal));
        }
        let (lsn, seq) = letter.position();
        self.rows.ops.push(RowOp::Insert);
        self.rows.lsn.push(lsn);
        self.rows.seq.push(seq);
        if self.rows.len() >= ROWS {
            self.close();
        }
        Ok(())
    }

    fn reason(&self, refusal: &Refusal) -> String {
        let field = self.schema.schema.fields.get(refusal.column);
        let name = field.map_or("?", |field| field.name.as_str());
        match &refusal.why {
            Why::Misfit { misfit, preview } => {
                format!("column `{name}`: {preview} does not fit: {misfit}")
            }
            Why::Protocol(message) => format!("column `{name}`: {message}"),
        }
    }

    fn close(&mut self) {
        if !self.rows.is_empty() {
            let rows = std::mem::replace(&mut self.rows, empty(self.place, &self.schema));
            self.full.push(rows);
        }
    }
}

/// A kept text as what it is the text of: JSON is a document, anything else is read out of the text.
fn typed(typ: FieldType, text: &str) -> Value<'_> {
    match typ {
        FieldType::Json if serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok() => {
            Value::Json(text)
        }
        _ => Value::Text(text),
    }
}

fn empty(place: usize, schema: &Arc<SourceSchema>) -> TableBatch {
    let fields = schema.schema.fields.iter();
    TableBatch {
        table: place,
        schema: Arc::clone(schema),
        ops: Vec::new(),
        lsn: Vec::new(),
        seq: Vec::new(),
        columns: fields.map(|field| Column::new(field.typ)).collect(),
    }
}

impl App {
    /// Takes the rows of a connection's dead-letter file that fit now into the sinks: see [`Pipeline::replay`].
    ///
    /// # Errors
    /// As [`Pipeline::replay`]; when another process holds the application: see [`hold`](Self::hold).
    pub fn replay(&self, connection: &AppConnection) -> Result<Replayed> {
        self.hold()?.replay(connection)
    }
}

impl Held<'_> {
    /// As [`App::replay`].
    ///
    /// # Errors
    /// As [`App::replay`].
    pub fn replay(&self, connection: &AppConnection) -> Result<Replayed> {
        let mut pipeline = self.app.pipeline(connection)?;
        for (name, sink) in self.app.unopened()? {
            pipeline = pipeline.into_boxed(name, sink);
        }
        pipeline.replay().map_err(|error| of_run(connection, error))
    }
}
