//! The kit under test: a sound connector passes every check, and each broken one fails the check that is meant for it.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod caught;
mod connector;
mod database;
mod fault;
mod page;
mod source;
mod stream;

use connector_conformance::{
    Capabilities, Capability, Change, Fixture, Interruption, Row, Settings,
};
use connector_core::boundaries::{Faults, Report};
use connector_core::{FieldType, TableInfo};

use connector::Subject;
use database::Database;
use fault::Fault;
use source::{CarelessType, Ledger, LedgerType};

/// A database in memory and the connector that reads it, with one fault or none.
struct Bench<F> {
    database: Database,
    fault: std::marker::PhantomData<F>,
}

/// What is broken, as a type: the kit takes a fixture by its type.
trait Broken: 'static {
    const FAULT: Option<Fault>;
}

struct Sound;

impl Broken for Sound {
    const FAULT: Option<Fault> = None;
}

impl<F: Broken> Fixture for Bench<F> {
    type Connector = Subject;

    fn capabilities() -> Capabilities {
        Capabilities::any_table(FieldType::ALL).can([
            Capability::Follow,
            Capability::Update,
            Capability::ChangeKeys,
            Capability::Delete,
            Capability::Truncate,
            Capability::Keyless,
            Capability::AnyName,
            Capability::ManyColumns,
        ])
    }

    fn open(tables: &[TableInfo]) -> Self {
        Self {
            database: Database::new(tables, F::FAULT),
            fault: std::marker::PhantomData,
        }
    }

    fn connector(&self) -> Subject {
        Subject(Ledger::of(self.database.clone()))
    }

    fn apply(&self, transaction: &[Change]) {
        self.database.commit(transaction);
    }

    fn interleave(&self, first: &[Change], second: &[Change]) -> bool {
        self.database.interleave(first, second);
        true
    }

    fn contents(&self, table: &TableInfo) -> Option<Vec<Row>> {
        Some(self.database.contents(&table.table_name))
    }

    fn interrupt(&self, how: Interruption) -> bool {
        self.database.interrupt(how);
        true
    }

    fn leftovers(&self) -> Option<Vec<String>> {
        Some(self.database.leftovers())
    }

    fn settings(&self) -> Option<Settings> {
        source::READS.set(F::FAULT);
        Some(Settings::of::<Subject>(serde_json::json!({
            "database": self.database.name(),
            "token": "a secret",
        })))
    }

    fn column_types() -> Option<Result<Report, Faults>> {
        if F::FAULT == Some(Fault::CastsCarelessly) {
            return Some(connector_core::boundaries::check::<CarelessType>());
        }
        Some(connector_core::boundaries::check::<LedgerType>())
    }
}

mod sound {
    connector_conformance::suite!(super::Bench<super::Sound>);
}

#[test]
fn every_check_applies_to_the_sound_connector() {
    use connector_conformance::{CHECKS, Done, Patience, run};
    for check in CHECKS {
        // Those of the process have a process of their own in the suite.
        let of_the_process = check.name.contains("leaked") || check.name.contains("slow");
        if of_the_process {
            continue;
        }
        let done = run::check::<Bench<Sound>>(check, Patience::default()).unwrap();
        assert!(
            !matches!(done, Done::NotApplicable { .. }),
            "{}: {done}",
            check.name
        );
    }
}
