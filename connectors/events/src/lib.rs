#![doc = include_str!("../README.md")]

use std::collections::VecDeque;
use std::fmt::Debug;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use connector_core::prelude::*;

/// Transactions that the program pushes. Clones share them. `R` is a row struct, or an enum of row structs.
#[derive(Debug, Clone)]
pub struct Events<R: SourceRow>(Arc<Pushed<Event<R, R::Old>>>);

/// Transaction `n` has `lsn` n, from 1; all are kept, so that a reader may begin anywhere.
#[derive(Debug)]
struct Pushed<E>(Mutex<Vec<Vec<E>>>, Condvar);

impl<R: SourceRow> Default for Events<R> {
    fn default() -> Self {
        Self(Arc::new(Pushed(Mutex::default(), Condvar::new())))
    }
}

impl<R: SourceRow> Events<R> {
    /// Pushes the changes of one transaction; gives its `lsn`.
    pub fn push(&self, changes: impl IntoIterator<Item = Event<R>>) -> u64 {
        let mut transactions = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        transactions.push(changes.into_iter().collect());
        self.0.1.notify_all();
        transactions.len() as u64
    }
}

impl<R> Source for Events<R>
where
    R: DozerSource<Old: Debug + Clone + Send> + Debug + Clone + Send,
{
    fn get_tables(&self) -> Result<Vec<TableInfo>> {
        Ok(R::tables())
    }

    fn changes(&self, request: &ChangeRequest) -> Result<impl ChangeStream> {
        let mut done = match request.from() {
            StartFrom::Start => 0,
            StartFrom::After { lsn } => lsn,
            StartFrom::Within { lsn } => lsn - 1, // replayed whole: core drops what is done
        };
        let mut events = VecDeque::new();
        Ok(std::iter::from_fn(move || {
            if events.is_empty() {
                events = self.next_after(&mut done);
            }
            events.pop_front().map(Ok)
        }))
    }

    fn current_position(&self) -> Result<Option<u64>> {
        Ok(Some(
            self.0
                .0
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .len() as u64,
        ))
    }

    fn replay(&self) -> Replay {
        Replay::Changes
    }
}

impl<R: SourceRow<Old: Clone> + Clone> Events<R> {
    /// The next transaction; when there is none for 100 ms, a word that all is told.
    fn next_after(&self, done: &mut u64) -> VecDeque<Event<R>> {
        let Pushed(transactions, pushed) = &*self.0;
        let transactions = transactions.lock().unwrap_or_else(PoisonError::into_inner);
        let wait = Duration::from_millis(100);
        let none_yet = |all: &mut Vec<_>| all.len() as u64 <= *done;
        let waited = pushed.wait_timeout_while(transactions, wait, none_yet);
        let (transactions, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let Some(changes) = usize::try_from(*done)
            .ok()
            .and_then(|next| transactions.get(next))
        else {
            return VecDeque::from([Event::Idle {
                reached: Some(*done),
            }]);
        };
        *done += 1;
        let begin = [Event::Begin { lsn: *done }];
        begin
            .into_iter()
            .chain(changes.iter().cloned())
            .chain([Event::Commit])
            .collect()
    }
}
