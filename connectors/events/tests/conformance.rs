//! The suite of every connector, over rows of all three tracking types that the program itself pushes.
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use connector_conformance::{Capabilities, Capability, Change, Fixture, typed};
use connector_core::Field;
use connector_core::prelude::*;
use connector_events::Events;

#[derive(Debug, Clone, PartialEq, DozerSource)]
#[dozer(tracking = "only_pk")]
struct Station {
    #[dozer(primary_key)]
    name: String,
    #[dozer(primary_key)]
    number: i64,
    height: Option<f64>,
    opened: Option<Date>,
    active: bool,
}

#[derive(Debug, Clone, PartialEq, DozerSource)]
#[dozer(tracking = "full_changes")]
struct Owner {
    name: Option<String>,
    paid: Option<Decimal>,
    photo: Option<Vec<u8>>,
}

#[derive(Debug, Clone, PartialEq, DozerSource)]
struct Sighting {
    station: String,
    at: Timestamp,
    took: Option<Duration>,
}

#[derive(Debug, Clone, PartialEq, DozerSource)]
enum Tables {
    Station(Station),
    Owner(Owner),
    Sighting(Sighting),
}

struct Program(Events<Tables>);

fn station(row: &[Field]) -> Station {
    typed(row)
}

fn key(row: &[Field]) -> StationKey {
    let Station { name, number, .. } = typed(row);
    StationKey { name, number }
}

fn event(change: &Change) -> Event<Tables> {
    match change {
        Change::Insert { table: 0, row } => Event::insert(station(row)).among(),
        Change::Insert { table: 1, row } => Event::insert(typed::<Owner>(row)).among(),
        Change::Insert { row, .. } => Event::insert(typed::<Sighting>(row)).among(),
        Change::Update { table: 0, old, new } if key(old) == key(new) => {
            Event::update_same_key(station(new)).among()
        }
        Change::Update { table: 0, old, new } => {
            Event::<Station>::update(key(old), station(new)).among()
        }
        Change::Update { old, new, .. } => {
            Event::<Owner>::update(typed::<Owner>(old), typed::<Owner>(new)).among()
        }
        Change::Delete { table: 0, row } => Event::<Station>::delete(key(row)).among(),
        Change::Delete { row, .. } => Event::<Owner>::delete(typed::<Owner>(row)).among(),
        Change::Truncate { table } => Event::Truncate { table: *table },
    }
}

impl Fixture for Program {
    type Connector = Events<Tables>;

    fn capabilities() -> Capabilities {
        Capabilities::tables(Tables::tables()).can([
            Capability::Follow,
            Capability::Update,
            Capability::ChangeKeys,
            Capability::Delete,
            Capability::Truncate,
            Capability::Keyless,
        ])
    }

    fn open(_: &[TableInfo]) -> Self {
        Self(Events::default())
    }

    fn connector(&self) -> Events<Tables> {
        self.0.clone()
    }

    fn apply(&self, transaction: &[Change]) {
        self.0.push(transaction.iter().map(event));
    }
}

connector_conformance::suite!(Program);
