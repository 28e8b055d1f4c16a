//! A database in memory: tables, a log of transactions, readers, and what is broken.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Condvar, LazyLock, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use connector_conformance::{Change, Interruption, Row};
use connector_core::TableInfo;

use crate::fault::Fault;

/// Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Database(pub(crate) Arc<Shared>);

#[derive(Debug)]
pub(crate) struct Shared {
    name: String,
    pub(crate) fault: Option<Fault>,
    pub(crate) tables: Vec<TableInfo>,
    state: Mutex<State>,
    committed: Condvar,
}

#[derive(Debug, Default)]
pub(crate) struct State {
    /// For each table, its rows in the order in which they came.
    pub(crate) rows: Vec<Vec<Arc<Row>>>,
    /// Every transaction, in order; the first is `forgotten + 1`.
    log: Vec<Vec<Change>>,
    /// How many transactions are no longer there.
    forgotten: usize,
    /// What every reader has stored.
    readers: BTreeMap<String, u64>,
    prepared: usize,
    pub(crate) broken_off: Option<Interruption>,
    /// For each reader, how many rows of a snapshot it was told before it was left.
    pub(crate) told: BTreeMap<String, usize>,
}

/// Every database by its name: what a configuration finds it by.
static ALL: LazyLock<Mutex<HashMap<String, Weak<Shared>>>> = LazyLock::new(Mutex::default);

impl Database {
    pub(crate) fn new(tables: &[TableInfo], fault: Option<Fault>) -> Self {
        let mut all = ALL.lock().unwrap_or_else(PoisonError::into_inner);
        let name = format!("db{}", all.len());
        let state = State {
            rows: vec![Vec::new(); tables.len()],
            ..State::default()
        };
        let shared = Arc::new(Shared {
            name: name.clone(),
            fault,
            tables: tables.to_vec(),
            state: Mutex::new(state),
            committed: Condvar::new(),
        });
        all.insert(name, Arc::downgrade(&shared));
        Self(shared)
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        let all = ALL.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(name)?.upgrade().map(Self)
    }

    pub(crate) fn name(&self) -> &str {
        &self.0.name
    }

    pub(crate) fn has(&self, fault: Fault) -> bool {
        self.0.fault == Some(fault)
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn commit(&self, transaction: &[Change]) {
        let mut state = self.lock();
        for change in transaction {
            state.apply(change);
        }
        state.log.push(transaction.to_vec());
        self.0.committed.notify_all();
    }

    /// Waits until there is a transaction after this position, or nobody seems to write.
    pub(crate) fn wait_for_a_commit_after(&self, lsn: u64) {
        let bound = Duration::from_secs(1);
        let nothing_new = |state: &mut State| state.last() <= lsn;
        let waited = self
            .0
            .committed
            .wait_timeout_while(self.lock(), bound, nothing_new);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
    }

    /// Two transactions that are open at once.
    pub(crate) fn interleave(&self, first: &[Change], second: &[Change]) {
        if !self.has(Fault::TellsChangesAsTheyAreMade) {
            self.commit(second);
            self.commit(first);
            return;
        }
        let mut all = Vec::new();
        let (mut first, mut second) = (first.iter(), second.iter());
        loop {
            let (one, other) = (first.next(), second.next());
            if one.is_none() && other.is_none() {
                break;
            }
            all.extend(one.into_iter().chain(other).cloned());
        }
        self.commit(&all);
    }

    pub(crate) fn contents(&self, table: &str) -> Vec<Row> {
        let place = self
            .0
            .tables
            .iter()
            .position(|info| info.table_name == table);
        let rows = place.map_or_else(Vec::new, |place| self.lock().rows[place].clone());
        rows.iter().map(|row| Row::clone(row)).collect()
    }

    pub(crate) fn interrupt(&self, how: Interruption) {
        self.lock().broken_off = Some(how);
    }

    pub(crate) fn leftovers(&self) -> Vec<String> {
        let state = self.lock();
        let readers = state.readers.keys().map(|name| format!("reader `{name}`"));
        readers.collect()
    }

    /// Sets readers up; gives a line for each thing done.
    pub(crate) fn prepare(&self) -> Vec<String> {
        let mut state = self.lock();
        state.prepared += 1;
        if state.prepared == 1 || self.has(Fault::PreparesAgainAndAgain) {
            vec!["keeps a log".to_owned()]
        } else {
            Vec::new()
        }
    }

    pub(crate) fn clean(&self) -> Vec<String> {
        let mut state = self.lock();
        let readers = std::mem::take(&mut state.readers);
        if self.has(Fault::LeavesATable) {
            state.readers = readers.clone();
            return Vec::new();
        }
        readers
            .keys()
            .map(|name| format!("removed `{name}`"))
            .collect()
    }

    /// A reader has stored everything up to here.
    pub(crate) fn confirm(&self, reader: &str, lsn: u64) {
        let reader = if self.has(Fault::ReadersShareAPosition) {
            "all"
        } else {
            reader
        };
        let mut state = self.lock();
        if self.has(Fault::ReadersShareAPosition) {
            state.readers.clear();
        }
        let stored = state.readers.entry(reader.to_owned()).or_default();
        *stored = lsn.max(*stored);
        state.forget();
    }

    /// A reader begins at this position, unless it has stored more.
    pub(crate) fn register(&self, reader: &str, lsn: u64) {
        self.lock().readers.insert(reader.to_owned(), lsn);
    }
}

impl State {
    fn apply(&mut self, change: &Change) {
        let rows = &mut self.rows[change.table()];
        match change {
            Change::Insert { row, .. } => rows.push(Arc::new(row.clone())),
            Change::Update { old, new, .. } => {
                let place = rows
                    .iter()
                    .position(|row| **row == *old)
                    .expect("the old row");
                rows[place] = Arc::new(new.clone());
            }
            Change::Delete { row: old, .. } => {
                let place = rows
                    .iter()
                    .position(|row| **row == *old)
                    .expect("the old row");
                rows.remove(place);
            }
            Change::Truncate { .. } => rows.clear(),
        }
    }

    /// The position of the last transaction.
    pub(crate) fn last(&self) -> u64 {
        (self.forgotten + self.log.len()) as u64
    }

    /// The first transaction that is still there.
    pub(crate) fn earliest(&self) -> u64 {
        self.forgotten as u64 + 1
    }

    pub(crate) fn transaction(&self, lsn: u64) -> Option<&Vec<Change>> {
        let place = usize::try_from(lsn).ok()?.checked_sub(self.forgotten + 1)?;
        self.log.get(place)
    }

    /// Drops what all readers have stored.
    fn forget(&mut self) {
        let stored = self.readers.values().min().copied().unwrap_or(0);
        self.forget_up_to(stored);
    }

    pub(crate) fn forget_up_to(&mut self, lsn: u64) {
        let stored = usize::try_from(lsn).unwrap_or(0);
        let drop = stored.saturating_sub(self.forgotten).min(self.log.len());
        self.log.drain(..drop);
        self.forgotten += drop;
    }
}
