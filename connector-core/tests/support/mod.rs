//! A source that delivers what a test gives it.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::expect_used,
    reason = "each test file uses what it needs, and fails by it"
)]

use std::fmt::Debug;

use connector_core::ingest::IngestOptions;
use connector_core::reading::{AnyTypes, Kept};
use connector_core::{
    Change, ChangeRequest, ChangeStream, DozerSource, Event, Replay, Result, Source, TableInfo,
    TypedSource,
};

/// Delivers these events, and ends.
#[derive(Debug, Clone)]
pub struct Given<R>(pub Vec<Change<R>>)
where
    R: DozerSource,
    R::Old: Debug + Clone;

impl<R> Source for Given<R>
where
    R: DozerSource + Debug + Clone + Send + Sync + 'static,
    R::Old: Debug + Clone + Send + Sync,
{
    fn get_tables(&self) -> Result<Vec<TableInfo>> {
        Ok(R::tables())
    }

    fn changes(&self, _: &ChangeRequest) -> Result<impl ChangeStream> {
        Ok(self
            .0
            .clone()
            .into_iter()
            .map(|change| Ok(Event::Change(change))))
    }

    fn replay(&self) -> Replay {
        Replay::Snapshot
    }
}

/// Writes the rows into columns and reads them back.
pub fn round_trip<R>(rows: Vec<R>) -> Vec<R>
where
    R: Kept + DozerSource<Types = AnyTypes> + Debug + Clone + Send + Sync + 'static,
    R::Old: Debug + Clone + Send + Sync,
{
    let source = Given(rows.into_iter().map(|new| Change::Insert { new }).collect());
    source
        .rows::<R>()
        .expect("the rows fit")
        .map(|row| row.expect("a row"))
        .collect()
}

/// Writes the changes of one transaction into columns and reads them back, up to its commit.
pub fn changes_of<R>(events: Vec<Event<R>>) -> Vec<Event<R>>
where
    R: Kept + DozerSource<Types = AnyTypes> + Debug + Clone + PartialEq + Send + Sync + 'static,
    R::Old: Debug + Clone + PartialEq + Send + Sync,
{
    #[derive(Debug, Clone)]
    struct Events<R: DozerSource>(Vec<Event<R>>)
    where
        R::Old: Debug + Clone;

    impl<R> Source for Events<R>
    where
        R: DozerSource + Debug + Clone + Send + Sync + 'static,
        R::Old: Debug + Clone + Send + Sync,
    {
        fn get_tables(&self) -> Result<Vec<TableInfo>> {
            Ok(R::tables())
        }

        fn changes(&self, _: &ChangeRequest) -> Result<impl ChangeStream> {
            // A stream that follows changes has no end.
            let idle = std::iter::repeat_with(|| {
                std::thread::sleep(std::time::Duration::from_millis(5));
                Event::Idle { reached: None }
            });
            Ok(self.0.clone().into_iter().chain(idle).map(Ok))
        }
    }

    let mut changes = Events(events)
        .changes_of::<R>(IngestOptions::default())
        .expect("the rows fit");
    let mut read = Vec::new();
    while read.last() != Some(&Event::Commit) {
        read.push(changes.next().expect("no end").expect("an event"));
    }
    read
}
