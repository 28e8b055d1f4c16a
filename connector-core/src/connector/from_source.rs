//! Every [`Source`] is a [`Connector`].

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::Connector;
use super::select::{Tables, findings, select};
use crate::checkpoint::{Checkpoint, Phase};
use crate::error::{Error, ErrorKind, Result};
use crate::ingest::{
    Bounds, Delivery, Ingestor, OpenBatch, Runner, Selection, Step, Until, run_parts,
};
use crate::source::{ChangeRequest, ChangeStream, Replay, Source};
use crate::types::{SourceSchema, TableInfo};
use crate::validation::ValidationResults;

impl<S: Source> Connector for S {
    fn validate(&self, tables: Option<Vec<TableInfo>>) -> Result<()> {
        guarded("validate", || Source::validate(self))?;
        if let Some(tables) = tables {
            let tables: Vec<TableInfo> = tables.into_iter().map(TableInfo::whole).collect();
            let all = tables_with(self, Some(&tables))?;
            select(all, Some(&tables))?;
        }
        Ok(())
    }

    fn validate_schemas(&self, tables: &[TableInfo]) -> Result<ValidationResults> {
        let all = tables_with(self, Some(tables))?;
        let all = Tables::of(&all);
        let found = |wanted: &TableInfo| {
            let (_, info) = all.find(wanted)?;
            Some(TableInfo {
                name: wanted.name.clone(),
                ..info.clone()
            })
        };
        let known: Vec<TableInfo> = tables.iter().filter_map(found).collect();
        let own = guarded("validate_tables", || self.validate_tables(&known))?;
        let mut results = Vec::new();
        for wanted in tables {
            findings(wanted, &all, &mut results);
            results.extend(
                own.iter()
                    .filter(|finding| finding.table == wanted.name)
                    .cloned(),
            );
        }
        Ok(results)
    }

    fn get_schemas(&self, table_names: Option<Vec<TableInfo>>) -> Result<Vec<SourceSchema>> {
        let all = tables_with(self, table_names.as_deref())?;
        let selected = select(all, table_names.as_deref())?;
        let schemas = selected.into_iter();
        Ok(schemas
            .map(|table| SourceSchema::clone(table.schema()))
            .collect())
    }

    fn start(
        &self,
        from_seq: Option<(u64, u64)>,
        ingestor: &Ingestor,
        tables: Option<Vec<TableInfo>>,
    ) -> Result<()> {
        let checkpoint = agreed(from_seq, ingestor.checkpoint())?;
        let all = tables_with(self, tables.as_deref())?;
        let places = all.iter().map(TableInfo::full_name).collect();
        let selected = select(all, tables.as_deref())?;
        let options = ingestor.options();
        let request = ChangeRequest::new(
            selected,
            places,
            checkpoint,
            options.reader.clone(),
            options.cancellation.clone(),
        )
        .with_snapshot_only(options.until == Until::Snapshot)
        .with_end(options.until.position())
        .with_notices(options.notices.clone());
        let place = RefCell::new("at the start".to_owned());
        let run = || run(self, &request, ingestor, &place);
        match catch_unwind(AssertUnwindSafe(run)) {
            Ok(result) => result.map_err(|error| placed(error, &place.borrow())),
            Err(panic) => Err(Error::of_panic("change stream", panic.as_ref())
                .with_context(place.borrow().clone())),
        }
    }

    fn get_tables(&self, tables: Option<&[TableInfo]>) -> Result<Vec<TableInfo>> {
        let all = tables_with(self, tables)?;
        let Some(tables) = tables else { return Ok(all) };
        let selected = select(all, Some(tables))?;
        let narrowed = selected.into_iter().map(|table| {
            let column = |&place: &usize| table.info.columns.get(place).cloned();
            let columns = table.columns.iter().filter_map(column).collect();
            TableInfo {
                name: table.name,
                columns,
                ..Arc::unwrap_or_clone(table.info)
            }
        });
        Ok(narrowed.collect())
    }

    fn current_position(&self) -> Result<Option<u64>> {
        guarded("current_position", || Source::current_position(self))
    }

    fn retained_bytes(&self) -> Result<Option<u64>> {
        guarded("retained_bytes", || Source::retained_bytes(self))
    }

    fn check_position(&self, stored: &Checkpoint) -> Result<()> {
        guarded("check_position", || Source::check_position(self, stored))
    }

    fn replay(&self) -> Replay {
        Source::replay(self)
    }

    fn tells_added_columns(&self) -> bool {
        Source::tells_added_columns(self)
    }

    fn widens(&self, from: &str, to: &str) -> bool {
        Source::widens(self, from, to)
    }

    fn named(&mut self, reader: &str) {
        Source::named(self, reader);
    }

    fn column_types(&self) -> Option<&'static str> {
        Source::column_types(self)
    }

    fn prepare(&self, tables: &[TableInfo]) -> Result<Vec<String>> {
        guarded("prepare", || Source::prepare(self, tables))
    }

    fn clean(&self) -> Result<Vec<String>> {
        guarded("clean", || Source::clean(self))
    }
}

/// The error with the place of the stream. A value that does not fit says its own position.
pub(super) fn placed(error: Error, place: &str) -> Error {
    match error.kind() {
        ErrorKind::Value => error,
        _ => error.with_context(place),
    }
}

/// Every table. Those that are wanted have their columns; all have, where no list says which are.
pub(super) fn tables_with(
    source: &impl Source,
    wanted: Option<&[TableInfo]>,
) -> Result<Vec<TableInfo>> {
    guarded("get_tables", || match wanted {
        Some(wanted) => source.get_wanted_tables(wanted),
        None => source.get_tables(),
    })
}

/// Runs the stream to its end, and keeps `place` up to date for error messages: also after a panic.
fn run(
    source: &impl Source,
    request: &ChangeRequest,
    ingestor: &Ingestor,
    place: &RefCell<String>,
) -> Result<()> {
    let options = ingestor.options();
    let policy = |name: &str| options.on_misfit.get(name).copied().unwrap_or_default();
    let (tables, places) = request.shared();
    let selection = Selection::new(tables, places, source.selects_columns(), policy);
    let selection = Arc::new(selection);
    let open = || OpenBatch::new(Arc::clone(&selection));
    let bounds = Bounds::of(options, request.tables());
    let stream = source.changes(request)?;
    let mut runner = Noted {
        runner: Runner::new(stream, open(), bounds, request.checkpoint())?,
        place,
    };
    for table in request.tables() {
        if options.schema_change.contains_key(&table.name) {
            runner.runner.has_more_columns(table)?;
        }
    }
    loop {
        let step = runner.runner.step(|| ingestor.is_hungry())?;
        match step {
            Step::Deliver(delivery) => {
                let snapshot = match &delivery {
                    Delivery::SnapshotStarted { at, .. } => Some(at.clone()),
                    _ => None,
                };
                ingestor.send(delivery, || runner.tend(ingestor))?;
                if let Some(started) = snapshot {
                    let parts = runner.runner.snapshot_parts()?;
                    run_parts(parts, ingestor, &started, open, || runner.tend(ingestor))?;
                }
            }
            Step::Idle => ingestor.check_consumer()?,
            Step::End => return runner.finish(ingestor),
        }
        runner.confirm(ingestor)?;
    }
}

impl<S: ChangeStream> Noted<'_, S> {
    /// Tells the stream what is durable, if that is news.
    fn confirm(&mut self, ingestor: &Ingestor) -> Result<()> {
        match ingestor.take_durable() {
            Some(durable) => self.runner.confirm(&durable),
            None => Ok(()),
        }
    }

    /// Waits until the consumer has stored the rest, and tells the stream.
    fn finish(&mut self, ingestor: &Ingestor) -> Result<()> {
        match ingestor.finish(|| self.runner.keep_alive())? {
            Some(durable) => self.runner.confirm(&durable),
            None => Ok(()),
        }
    }

    /// What is done for the stream while it waits.
    fn tend(&mut self, ingestor: &Ingestor) -> Result<()> {
        self.confirm(ingestor)?;
        self.runner.keep_alive()
    }
}

/// Notes where the stream stands when it is left, by an error or by a panic.
struct Noted<'p, S: ChangeStream> {
    runner: Runner<S>,
    place: &'p RefCell<String>,
}

impl<S: ChangeStream> Drop for Noted<'_, S> {
    fn drop(&mut self) {
        *self.place.borrow_mut() = self.runner.place();
    }
}

/// The checkpoint to resume from: the ingestor's, or one made of the pair alone.
pub(super) fn agreed(
    from_seq: Option<(u64, u64)>,
    stored: Option<&Checkpoint>,
) -> Result<Option<Checkpoint>> {
    match (from_seq, stored) {
        (None, None) => Ok(None),
        (None, Some(stored)) if stored.phase == Phase::Snapshot => Ok(Some(stored.clone())),
        (Some(pair), Some(stored)) if stored.position() == pair => Ok(Some(stored.clone())),
        (Some((lsn, 0)), None) => Ok(Some(Checkpoint::after(lsn))),
        (Some((lsn, seq)), None) => Ok(Some(Checkpoint::within(lsn, seq))),
        (given, Some(stored)) => Err(Error::new(
            ErrorKind::Config,
            format!(
                "`start` was asked to {}, and the ingestor's checkpoint says {:?}",
                given.map_or_else(
                    || "begin at the start".to_owned(),
                    |given| format!("resume from {given:?}")
                ),
                stored.position()
            ),
        )
        .with_help("give `start` the position of the checkpoint that the ingestor was made with")),
    }
}

/// Calls an author's method; a panic becomes an error.
fn guarded<T>(what: &str, call: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(call))
        .unwrap_or_else(|panic| Err(Error::of_panic(what, panic.as_ref())))
}
