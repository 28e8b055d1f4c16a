//! The change stream that an author writes.

use super::event::Event;
use super::row::SourceRow;
use super::tracking::Tells;
use crate::checkpoint::Checkpoint;
use crate::error::Result;
use crate::ingest::{Following, Inserts, LentInserts, SnapshotPart};

/// A stream of events whose rows may borrow from the stream.
///
/// Every `Iterator<Item = Result<Event<Row>>>` is one; its rows are values, and core may hold up to 256 inserts of it (fewer
/// where they are large) before it appends them together. A driver that lends its rows implements the trait itself.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a change stream",
    label = "not a change stream",
    note = "any `Iterator<Item = connector_core::Result<Event<Row>>>` is one, where `Row` derives `DozerSource`"
)]
pub trait ChangeStream {
    /// A row, lent until the next event is asked for.
    type Row<'a>: SourceRow
    where
        Self: 'a;

    /// The next event. `None` is the end: legal for a bounded snapshot, an error for a stream that follows changes.
    ///
    /// # Errors
    /// What the source failed with; core adds connection and position.
    fn next_event(&mut self) -> Result<Option<Event<Self::Row<'_>>>>;

    /// Whether the rows are values, which do not borrow from the stream, and [`next_inserts`](Self::next_inserts) takes them:
    /// so it is of iterators.
    #[doc(hidden)]
    const GIVES_VALUES: bool = false;

    /// Hands over the inserts that come next, up to the next event of another kind; without one, there is more.
    #[doc(hidden)]
    fn next_inserts(&mut self, inserts: Inserts<'_>) -> Result<Following<Self::Row<'_>>> {
        let _ = inserts;
        self.next_event().map(Following::Break)
    }

    /// Whether [`lend_inserts`](Self::lend_inserts) lends many: it is then asked for what comes next wherever inserts may come.
    #[doc(hidden)]
    const LENDS_INSERTS: bool = false;

    /// Pushes the inserts that come next as long as there is room for them, and gives the event behind them; without one, there is
    /// more.
    #[doc(hidden)]
    fn lend_inserts(&mut self, inserts: LentInserts<'_>) -> Result<Following<Self::Row<'_>>> {
        drop(inserts);
        self.next_event().map(Following::Break)
    }

    /// Whether the next event is here already, so that asking for it waits for nobody. Asked where a transaction ends and the
    /// consumer waits: while more is here, core adds it to the batch, up to 1,024 rows, and hands over many transactions at
    /// once. `false` hands over each by itself.
    fn is_ready(&self) -> bool {
        false
    }

    /// Told when everything up to `durable` is stored: the source may forget it. Only whole transactions are told.
    ///
    /// # Errors
    /// When the source cannot be told.
    fn confirm(&mut self, durable: &Checkpoint) -> Result<()> {
        let _ = durable;
        Ok(())
    }

    /// Called at least every second while the sink is slow, so that the source does not hang up.
    ///
    /// # Errors
    /// When the source is gone.
    fn keep_alive(&mut self) -> Result<()> {
        Ok(())
    }

    /// About how many rows the snapshot has, as the source believes without counting them: of all selected tables together,
    /// `None` where it cannot tell of one. Asked once, after [`Event::SnapshotStarted`]; for progress only.
    fn estimated_rows(&self) -> Option<u64> {
        None
    }

    /// Parts of the snapshot that may be read side by side, each on a thread of its own, all at the position of the
    /// snapshot. Asked once, after [`Event::SnapshotStarted`]; when all parts are read, the stream goes on with the
    /// rows that are in none, if any, and [`Event::SnapshotDone`].
    ///
    /// # Errors
    /// When the source cannot be asked.
    fn snapshot_parts(&mut self) -> Result<Vec<SnapshotPart>> {
        Ok(Vec::new())
    }

    /// The connector's own position beside the `lsn` of the last commit; stored in every checkpoint. Read when
    /// [`Event::Commit`], [`Event::SnapshotDone`] or an [`Event::Idle`] that has reached further was given: it is then the
    /// position after it.
    #[expect(
        clippy::unnecessary_literal_bound,
        reason = "implementations lend their own text"
    )]
    fn state(&self) -> &str {
        ""
    }

    /// A hash of what the numbering of changes within a transaction depends on in the source: a server's publication and
    /// its filters, say. A transaction that was stored in part is never resumed by count under another one.
    fn fingerprint(&self) -> u64 {
        0
    }
}

/// What an iterator that is a change stream yields: `Result<Event<Row>>`.
#[diagnostic::on_unimplemented(
    message = "a change stream yields `connector_core::Result<Event<Row>>`, and this one `{Self}`",
    label = "yields no events of rows",
    note = "wrap each event in `Ok(…)`, and turn errors of other kinds into a `connector_core::Error` with `?` or `map_err`"
)]
pub trait StreamItem {
    /// The row type of the stream.
    type Row: SourceRow;

    /// The event, its old image as the row's tracking type has it.
    ///
    /// # Errors
    /// What the stream failed with.
    fn event(self) -> Result<Event<Self::Row>>;
}

impl<R: SourceRow, O> StreamItem for Result<Event<R, O>>
where
    R::Tracking: Tells<R, O>,
{
    type Row = R;

    #[inline]
    fn event(self) -> Result<Event<R>> {
        self.map(R::Tracking::told)
    }
}

impl<I: Iterator> ChangeStream for I
where
    I::Item: StreamItem,
{
    type Row<'a>
        = <I::Item as StreamItem>::Row
    where
        Self: 'a;

    #[inline]
    fn next_event(&mut self) -> Result<Option<Event<<I::Item as StreamItem>::Row>>> {
        self.next().map(StreamItem::event).transpose()
    }

    const GIVES_VALUES: bool = true;

    #[inline]
    fn next_inserts(
        &mut self,
        inserts: Inserts<'_>,
    ) -> Result<Following<<I::Item as StreamItem>::Row>> {
        inserts.take_from(self)
    }
}
