//! What core notices of an author's mistakes at run time, and what it does for a source at its end.

use std::sync::{Arc, Mutex};

use connector_conformance::{Memory, Subject};
use connector_core::pipeline::{Pipeline, RunOptions};
use connector_core::prelude::*;
use connector_core::{ErrorKind, Result};
use connector_events::Events;

#[derive(Debug, Clone, PartialEq, DozerSource)]
struct User {
    id: u64,
}

#[derive(Debug, Clone, PartialEq, DozerSource)]
struct Order {
    id: u64,
    item: String,
}

#[derive(Debug, Clone, PartialEq, DozerSource)]
enum Shop {
    User(User),
    Order(Order),
}

/// Gives its tables in another order than its rows have them.
#[derive(Debug, Clone)]
struct Reordered(Vec<TableInfo>);

impl Source for Reordered {
    fn get_tables(&self) -> Result<Vec<TableInfo>> {
        Ok(self.0.clone())
    }

    fn changes(&self, _request: &ChangeRequest) -> Result<impl ChangeStream> {
        Ok([Ok(Event::insert(Shop::User(User { id: 1 })))].into_iter())
    }
}

#[test]
fn tables_in_another_order_than_the_rows_have_them_are_refused() {
    let whole = Shop::tables();
    let reversed: Vec<TableInfo> = whole.iter().rev().cloned().collect();
    for tables in [reversed, whole[1..].to_vec()] {
        let error = Subject::new(Reordered(tables)).stores().unwrap_err();
        assert_eq!(error.kind(), Some(ErrorKind::Protocol));
        assert!(
            error
                .to_string()
                .contains("the stream's rows are of the tables `user`, `order`, in this order"),
            "{error}"
        );
    }
    assert!(Subject::new(Reordered(whole)).stores().is_ok());
}

/// Truncates a table that it does not have.
#[derive(Debug, Clone)]
struct Elsewhere;

impl Source for Elsewhere {
    fn get_tables(&self) -> Result<Vec<TableInfo>> {
        Ok(User::tables())
    }

    fn changes(&self, _request: &ChangeRequest) -> Result<impl ChangeStream> {
        let events: [Event<User>; 3] = [
            Event::Begin { lsn: 1 },
            Event::Truncate { table: 4 },
            Event::Commit,
        ];
        Ok(events.into_iter().map(Ok))
    }
}

#[test]
fn a_table_that_the_source_does_not_have_is_refused() {
    let error = Subject::new(Elsewhere).stores().unwrap_err().to_string();
    assert!(
        error.contains("names table 4, and `get_tables` gives 1"),
        "{error}"
    );
}

#[derive(Debug, DozerSource)]
struct Swapped<'r> {
    item: &'r str,
    id: u64,
}

#[derive(Debug, DozerSource)]
struct Lent<'r> {
    id: u64,
    item: &'r str,
}

#[test]
fn rows_are_lent_only_with_the_columns_that_are_read() {
    let source = Bounded(vec![Order {
        id: 7,
        item: "lamp".to_owned(),
    }]);
    let mut rows = source.rows::<Order>().unwrap();
    let error = rows.lend::<Swapped<'_>>().unwrap_err().to_string();
    assert!(
        error.contains(
            "lent with the columns `item`, `id`, and those that are read have `id`, `item`"
        ),
        "{error}"
    );
    let lent = rows.lend::<Lent<'_>>().unwrap().unwrap();
    assert_eq!((lent.id, lent.item), (7, "lamp"));
}

#[derive(Debug, Clone)]
struct Bounded(Vec<Order>);

impl Source for Bounded {
    fn get_tables(&self) -> Result<Vec<TableInfo>> {
        Ok(Order::tables())
    }

    fn changes(&self, _request: &ChangeRequest) -> Result<impl ChangeStream> {
        Ok(self
            .0
            .clone()
            .into_iter()
            .map(|order| Ok(Event::insert(order))))
    }
}

/// Keeps what it was told of.
#[derive(Debug, Clone, Default)]
struct Confirmed(Arc<Mutex<Vec<u64>>>, Events<User>);

struct Told<S>(S, Arc<Mutex<Vec<u64>>>);

impl<S: ChangeStream> ChangeStream for Told<S> {
    type Row<'a>
        = S::Row<'a>
    where
        Self: 'a;

    fn next_event(&mut self) -> Result<Option<Event<Self::Row<'_>>>> {
        self.0.next_event()
    }

    fn confirm(&mut self, durable: &Checkpoint) -> Result<()> {
        self.1.lock().unwrap().push(durable.lsn);
        Ok(())
    }
}

impl Source for Confirmed {
    fn get_tables(&self) -> Result<Vec<TableInfo>> {
        Ok(User::tables())
    }

    fn changes(&self, request: &ChangeRequest) -> Result<impl ChangeStream> {
        Ok(Told(self.1.changes(request)?, Arc::clone(&self.0)))
    }

    fn current_position(&self) -> Result<Option<u64>> {
        Source::current_position(&self.1)
    }

    fn replay(&self) -> Replay {
        Replay::Changes
    }
}

#[test]
fn the_last_position_of_a_run_is_confirmed_to_the_source() {
    let source = Confirmed::default();
    for id in 1..=7 {
        source.1.push([Event::insert(User { id })]);
    }
    let memory = Memory::default();
    let once = RunOptions {
        once: true,
        ..RunOptions::default()
    };
    Pipeline::from(source.clone())
        .into(memory.sink())
        .run_with(&once)
        .unwrap();
    assert_eq!(memory.checkpoint().unwrap().lsn, 7);
    assert_eq!(source.0.lock().unwrap().last(), Some(&7));
}
