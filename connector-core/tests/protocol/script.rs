//! A source that says what a test gives it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use connector_core::connector::Connector;
use connector_core::ingest::{Delivery, IngestOptions, Ingestor, Until};
use connector_core::{
    Cancellation, Change, ChangeRequest, ChangeStream, Checkpoint, ColumnInfo, Error, Event, Field,
    FieldType, Phase, Rejected, Replay, ReplicationChangesTrackingType as Tracking, Result,
    RowImage, RowWriter, Source, SourceRow, StartFrom, TableInfo,
};

/// Old rows by key: `id` and `name`, which may be null.
pub(crate) const USER: usize = 0;
/// Full old rows: `id`, `size`, and `body`, which may be null.
pub(crate) const DOC: usize = 1;
/// Append-only: `text`.
pub(crate) const LOG: usize = 2;

/// A row of any table.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row(pub(crate) usize, pub(crate) Vec<Field>);

impl RowImage for Row {
    fn table(&self) -> usize {
        self.0
    }

    fn append(&self, row: &mut RowWriter<'_>) -> Result<(), Rejected> {
        self.1
            .iter()
            .try_for_each(|field| row.push(field.as_value()))
    }
}

impl SourceRow for Row {
    type Old = Self;
    type Tracking = connector_core::tracking::AtRunTime;
}

/// What the stream does next.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    Say(Event<Row>),
    Fail,
    /// Fails in a way that may pass.
    Cut,
    Panic,
    /// Asks the run to stop, then goes on.
    Cancel,
    End,
}

impl From<Event<Row>> for Step {
    fn from(event: Event<Row>) -> Self {
        Self::Say(event)
    }
}

/// Says its steps, then that there is nothing more to tell.
#[derive(Debug, Clone, Default)]
pub(crate) struct Script {
    pub(crate) steps: Vec<Step>,
    pub(crate) fingerprint: u64,
    pub(crate) panics_in_get_tables: bool,
    /// Whether the sizes of documents may be negative.
    pub(crate) signed: bool,
    /// What the streams after the first one say.
    pub(crate) again: Vec<Vec<Step>>,
    /// The pause before each step.
    pub(crate) pause: Duration,
    /// Whether a step that is left counts as here already.
    pub(crate) ready: bool,
    pub(crate) seen: Arc<Mutex<Seen>>,
}

/// What the stream was told, and how far it is.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) said: usize,
    /// Where each stream was asked to begin.
    pub(crate) asked: Vec<StartFrom>,
    pub(crate) kept_alive: usize,
    pub(crate) confirmed: Vec<Checkpoint>,
}

#[derive(Debug)]
struct Stream {
    steps: std::vec::IntoIter<Step>,
    script: Script,
    cancellation: Cancellation,
}

impl Source for Script {
    fn get_tables(&self) -> Result<Vec<TableInfo>> {
        assert!(!self.panics_in_get_tables, "no catalog");
        let id = || ColumnInfo::new("id", FieldType::Int).key(1);
        let size = if self.signed {
            FieldType::Int
        } else {
            FieldType::UInt
        };
        Ok(vec![
            TableInfo::new(
                "user",
                vec![
                    id(),
                    ColumnInfo::new("name", FieldType::Text).nullable(true),
                ],
            )
            .with_tracking(Tracking::OnlyPK),
            TableInfo::new(
                "doc",
                vec![
                    id(),
                    ColumnInfo::new("size", size),
                    ColumnInfo::new("body", FieldType::Date).nullable(true),
                ],
            )
            .with_tracking(Tracking::FullChanges),
            TableInfo::new("log", vec![ColumnInfo::new("text", FieldType::Text)])
                .with_tracking(Tracking::Nothing),
        ])
    }

    fn changes(&self, request: &ChangeRequest) -> Result<impl ChangeStream> {
        let mut seen = self.seen.lock().unwrap();
        let steps = match seen.asked.len() {
            0 => &self.steps,
            attempt => self.again.get(attempt - 1).unwrap_or(&self.steps),
        };
        seen.asked.push(request.from());
        Ok(Stream {
            steps: steps.clone().into_iter(),
            script: self.clone(),
            cancellation: request.cancellation().clone(),
        })
    }

    fn replay(&self) -> Replay {
        Replay::Changes
    }
}

impl ChangeStream for Stream {
    type Row<'a> = Row;

    fn next_event(&mut self) -> Result<Option<Event<Row>>> {
        std::thread::sleep(self.script.pause);
        loop {
            self.script.seen.lock().unwrap().said += 1;
            match self.steps.next() {
                Some(Step::Say(event)) => return Ok(Some(event)),
                Some(Step::Fail) => return Err(Error::source("the cable is cut")),
                Some(Step::Cut) => return Err(Error::source("the cable was pulled").transient()),
                Some(Step::Panic) => panic!("out of cheese"),
                Some(Step::Cancel) => self.cancellation.cancel(),
                Some(Step::End) => return Ok(None),
                None => {
                    std::thread::sleep(Duration::from_millis(1));
                    return Ok(Some(Event::Idle { reached: None }));
                }
            }
        }
    }

    fn is_ready(&self) -> bool {
        self.script.ready && self.steps.len() > 0
    }

    fn confirm(&mut self, durable: &Checkpoint) -> Result<()> {
        self.script
            .seen
            .lock()
            .unwrap()
            .confirmed
            .push(durable.clone());
        Ok(())
    }

    fn keep_alive(&mut self) -> Result<()> {
        self.script.seen.lock().unwrap().kept_alive += 1;
        Ok(())
    }

    fn fingerprint(&self) -> u64 {
        self.script.fingerprint
    }
}

impl Script {
    pub(crate) fn new(steps: impl IntoIterator<Item = Step>) -> Self {
        Self {
            steps: steps.into_iter().collect(),
            ..Self::default()
        }
    }

    /// Runs until the stream has nothing more to tell: what was delivered, and how it ended.
    pub(crate) fn run(&self, options: IngestOptions) -> (Vec<Delivery>, Result<()>) {
        let from = options
            .checkpoint
            .as_ref()
            .filter(|it| it.phase == Phase::Changes)
            .map(Checkpoint::position);
        let (ingestor, mut deliveries) = Ingestor::initialize_channel(IngestOptions {
            until: Until::CaughtUp,
            ..options
        });
        let script = self.clone();
        let source = std::thread::spawn(move || script.start(from, &ingestor, None));
        let delivered = std::iter::from_fn(|| deliveries.next_delivery()).collect();
        (delivered, source.join().unwrap())
    }
}

/// Every row of the deliveries: `lsn.seq op table values`, with the ends of complete stretches as `= lsn`.
pub(crate) fn told(deliveries: &[Delivery]) -> Vec<String> {
    let mut lines = Vec::new();
    for delivery in deliveries {
        match delivery {
            Delivery::SnapshotStarted { at, .. } => lines.push(format!("snapshot {}", at.lsn)),
            Delivery::Batch(batch) => {
                for (table, row) in batch.in_order() {
                    let table = &batch.tables[table];
                    let (lsn, seq) = table.position(row).unwrap();
                    let values = table.record(row).values;
                    let values: Vec<String> = values
                        .iter()
                        .map(|field| field.as_value().preview())
                        .collect();
                    lines.push(format!(
                        "{lsn}.{seq} {} {} {}",
                        table.ops[row].symbol(),
                        table.schema.name,
                        values.join(" ")
                    ));
                }
            }
            Delivery::Truncate { table, end } => {
                lines.push(format!("{}.{} truncate {table}", end.lsn, end.seq));
            }
            Delivery::SchemaChanged { what, ends, .. } => {
                lines.push(format!("{what}, ends: {ends}"));
            }
            Delivery::Reached(_) => {}
        }
        if delivery.end().complete {
            lines.push(format!("= {}", delivery.end().lsn));
        }
    }
    lines.dedup();
    lines
}

pub(crate) fn user(id: i64, name: &str) -> Row {
    Row(USER, vec![Field::Int(id), Field::Text(name.to_owned())])
}

pub(crate) fn doc(id: i64, size: Field) -> Row {
    Row(DOC, vec![Field::Int(id), size, Field::Null])
}

pub(crate) fn begin(lsn: u64) -> Step {
    Event::Begin { lsn }.into()
}

pub(crate) fn commit() -> Step {
    Event::Commit.into()
}

pub(crate) fn insert(new: Row) -> Step {
    Step::Say(Event::insert(new))
}

pub(crate) fn update(old: impl Into<Option<Row>>, new: Row) -> Step {
    Step::Say(Event::Change(Change::Update {
        old: old.into(),
        new,
    }))
}

pub(crate) fn delete(old: Row) -> Step {
    Step::Say(Event::Change(Change::Delete { old }))
}

pub(crate) fn snapshot_started(lsn: u64) -> Step {
    Event::SnapshotStarted { lsn }.into()
}

pub(crate) fn snapshot_done(lsn: u64) -> Step {
    Event::SnapshotDone { lsn }.into()
}
