//! One history, from a stream whose rows core may take many at a time, from one that lends many, and from one that lends them one
//! by one.

use std::fmt::Debug;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use connector_core::connector::Connector;
use connector_core::ingest::{
    Delivery, Following, IngestOptions, IngestionIterator, Ingestor, LentInserts,
};
use connector_core::{
    Cancellation, Change, ChangeRequest, ChangeStream, Checkpoint, Column, DozerSource, Error,
    Event, OnMisfit, Result, Source, TableInfo,
};

/// What a stream does next.
#[derive(Debug, Clone)]
pub(crate) enum Act<R: DozerSource>
where
    R::Old: Debug + Clone,
{
    Tell(Event<R>),
    /// The consumer takes what there is, and waits for more.
    Wait,
    /// The run is to stop.
    Cancel,
    Fail,
    Panic,
}

/// Gives a history in either way.
#[derive(Debug, Clone)]
struct Given<R: DozerSource>
where
    R::Old: Debug + Clone,
{
    acts: Arc<Vec<Act<R>>>,
    tables: Vec<TableInfo>,
    consumer: Arc<Mutex<Consumer>>,
    cancellation: Cancellation,
}

/// Takes deliveries on the source's own thread.
#[derive(Debug)]
struct Consumer {
    deliveries: IngestionIterator,
    told: Vec<String>,
    /// How many events were asked for.
    asked: usize,
}

impl Consumer {
    /// Takes what there is; it waits for more from then on.
    fn take(&mut self) {
        let mut context = Context::from_waker(Waker::noop());
        while let Poll::Ready(Some(delivery)) = self.deliveries.poll_delivery(&mut context) {
            self.told.push(told(delivery));
        }
    }
}

/// Everything that a consumer can see of a delivery.
fn told(delivery: Delivery) -> String {
    let Delivery::Batch(batch) = delivery else {
        return format!("{delivery:?}");
    };
    let tables = batch.tables.into_iter().map(|table| {
        let columns: Vec<_> = table.columns.into_iter().map(Column::into_parts).collect();
        format!(
            "\n{} {:?} {:?} {:?} {columns:?}",
            table.table, table.ops, table.lsn, table.seq
        )
    });
    let tables: String = tables.collect();
    format!(
        "{:?} {:?} nulled {} rejected {:?} commits {:?}{tables}",
        batch.phase, batch.end, batch.nulled, batch.rejected, batch.commits
    )
}

/// Lends each row by itself.
struct Lent<I>(I);

impl<R: DozerSource, I: Iterator<Item = Result<Event<R>>>> ChangeStream for Lent<I> {
    type Row<'a>
        = R
    where
        Self: 'a;

    fn next_event(&mut self) -> Result<Option<Event<R>>> {
        self.0.next().transpose()
    }
}

/// Lends inserts one after another as long as there is room for them.
struct LentMany<I>(I);

impl<R: DozerSource, I: Iterator<Item = Result<Event<R>>>> ChangeStream for LentMany<I> {
    type Row<'a>
        = R
    where
        Self: 'a;

    fn next_event(&mut self) -> Result<Option<Event<R>>> {
        self.0.next().transpose()
    }

    const LENDS_INSERTS: bool = true;

    fn lend_inserts(&mut self, mut inserts: LentInserts<'_>) -> Result<Following<R>> {
        while inserts.has_room() {
            match self.0.next().transpose()? {
                Some(Event::Change(Change::Insert { new })) => inserts.push(&new)?,
                event => return Ok(Following::Break(event)),
            }
        }
        Ok(Following::Continue(()))
    }
}

impl<R> Given<R>
where
    R: DozerSource + Debug + Clone,
    R::Old: Debug + Clone,
{
    fn events(&self) -> impl Iterator<Item = Result<Event<R>>> {
        let Self {
            acts,
            consumer,
            cancellation,
            ..
        } = self.clone();
        let mut next = 0;
        std::iter::from_fn(move || {
            loop {
                let act = acts.get(next)?.clone();
                next += 1;
                let mut consumer = consumer.lock().unwrap_or_else(PoisonError::into_inner);
                consumer.asked = next;
                match act {
                    Act::Tell(event) => return Some(Ok(event)),
                    Act::Wait => consumer.take(),
                    Act::Cancel => cancellation.cancel(),
                    Act::Fail => return Some(Err(Error::config("the wire is cut"))),
                    Act::Panic => {
                        drop(consumer);
                        panic!("the driver is broken");
                    }
                }
            }
        })
    }
}

/// Core may take many rows of it at a time.
#[derive(Debug, Clone)]
struct Many<R: DozerSource>(Given<R>)
where
    R::Old: Debug + Clone;

/// Core takes its rows one by one.
#[derive(Debug, Clone)]
struct OneByOne<R: DozerSource>(Given<R>)
where
    R::Old: Debug + Clone;

impl<R> Source for Many<R>
where
    R: DozerSource + Debug + Clone + Send + Sync,
    R::Old: Debug + Clone + Send + Sync,
{
    fn get_tables(&self) -> Result<Vec<TableInfo>> {
        Ok(self.0.tables.clone())
    }

    fn changes(&self, _: &ChangeRequest) -> Result<impl ChangeStream> {
        Ok(self.0.events())
    }
}

impl<R> Source for OneByOne<R>
where
    R: DozerSource + Debug + Clone + Send + Sync,
    R::Old: Debug + Clone + Send + Sync,
{
    fn get_tables(&self) -> Result<Vec<TableInfo>> {
        Ok(self.0.tables.clone())
    }

    fn changes(&self, _: &ChangeRequest) -> Result<impl ChangeStream> {
        Ok(Lent(self.0.events()))
    }
}

/// It lends its rows, and core may note many of them at a time.
#[derive(Debug, Clone)]
struct LendsMany<R: DozerSource>(Given<R>)
where
    R::Old: Debug + Clone;

impl<R> Source for LendsMany<R>
where
    R: DozerSource + Debug + Clone + Send + Sync,
    R::Old: Debug + Clone + Send + Sync,
{
    fn get_tables(&self) -> Result<Vec<TableInfo>> {
        Ok(self.0.tables.clone())
    }

    fn changes(&self, _: &ChangeRequest) -> Result<impl ChangeStream> {
        Ok(LentMany(self.0.events()))
    }
}

/// A history, what it is told of, and how.
#[derive(Debug, Clone)]
pub(crate) struct History<R: DozerSource>
where
    R::Old: Debug + Clone,
{
    pub(crate) acts: Vec<Act<R>>,
    /// What `get_tables` gives.
    pub(crate) tables: Vec<TableInfo>,
    pub(crate) selected: Vec<TableInfo>,
    pub(crate) on_misfit: OnMisfit,
    pub(crate) batch_bytes: usize,
}

/// What a consumer sees of a run: deliveries, how it ended, and how many events were asked for.
#[derive(Debug, PartialEq)]
pub(crate) struct Seen {
    pub(crate) told: Vec<String>,
    pub(crate) ended: std::result::Result<(), String>,
    pub(crate) asked: usize,
}

impl<R> History<R>
where
    R: DozerSource + Debug + Clone + Send + Sync,
    R::Old: Debug + Clone + Send + Sync,
{
    /// With core free to take many rows at a time.
    pub(crate) fn many(&self) -> Seen {
        self.run(Many)
    }

    /// With rows that are lent, many at a time.
    pub(crate) fn lent(&self) -> Seen {
        self.run(LendsMany)
    }

    pub(crate) fn one_by_one(&self) -> Seen {
        self.run(OneByOne)
    }

    fn run<S: Source>(&self, source: impl FnOnce(Given<R>) -> S) -> Seen {
        let names = self.selected.iter().map(TableInfo::full_name);
        let options = IngestOptions {
            batch_bytes: self.batch_bytes,
            // Nobody takes anything while the source runs, unless it says so.
            queue_bytes: usize::MAX,
            on_misfit: names.map(|name| (name, self.on_misfit)).collect(),
            ..IngestOptions::default()
        };
        let cancellation = options.cancellation.clone();
        let (ingestor, deliveries) = Ingestor::initialize_channel(options);
        // All counts as stored, so that the source waits for nobody at its end.
        deliveries.confirm(Checkpoint {
            complete: true,
            ..Checkpoint::within(u64::MAX, u64::MAX)
        });
        let consumer = Arc::new(Mutex::new(Consumer {
            deliveries,
            told: Vec::new(),
            asked: 0,
        }));
        let source = source(Given {
            acts: Arc::new(self.acts.clone()),
            tables: self.tables.clone(),
            consumer: Arc::clone(&consumer),
            cancellation,
        });
        let ended = source.start(None, &ingestor, Some(self.selected.clone()));
        let mut consumer = consumer.lock().unwrap_or_else(PoisonError::into_inner);
        consumer.take();
        Seen {
            told: std::mem::take(&mut consumer.told),
            ended: ended.map_err(|error| error.to_string()),
            asked: consumer.asked,
        }
    }
}
