//! What a run begins with: the tables that it was told of, and the snapshot.

use std::time::Duration;

use connector_core::connector::Connector as _;
use connector_core::ingest::{IngestOptions, Ingestor, Until};
use connector_core::{ChangeRequest, ChangeStream, Result, Source, TableInfo};
use connector_postgres::wire::Connection;
use connector_postgres::{Capture, Postgres};

use crate::{CLUSTER, source};

/// A source whose database is altered as soon as its tables were told; where that begins a transaction and does not end it, it
/// is committed when the run waits for it.
#[derive(Debug)]
struct Altered {
    source: Postgres,
    database: &'static str,
    alter: &'static str,
}

impl Source for Altered {
    fn get_tables(&self) -> Result<Vec<TableInfo>> {
        Source::get_tables(&self.source)
    }

    fn get_wanted_tables(&self, wanted: &[TableInfo]) -> Result<Vec<TableInfo>> {
        let tables = self.source.get_wanted_tables(wanted)?;
        let mut connection = CLUSTER.connect(self.database);
        connection.execute(self.alter).unwrap();
        if self.alter.starts_with("BEGIN") && !self.alter.ends_with("COMMIT") {
            let mut looks_on = CLUSTER.connect(self.database);
            std::thread::spawn(move || {
                while !waits(&mut looks_on) {
                    std::thread::sleep(Duration::from_millis(20));
                }
                connection.execute("COMMIT").unwrap();
            });
        }
        Ok(tables)
    }

    fn changes(&self, request: &ChangeRequest) -> Result<impl ChangeStream> {
        self.source.changes(request)
    }

    fn selects_columns(&self) -> bool {
        true
    }
}

/// Whether another session of the database waits for a transaction to end.
fn waits(connection: &mut Connection) -> bool {
    let waiting = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    connection.query(waiting).unwrap().first().is_some()
}

const AGAIN: &str = "DROP SCHEMA public CASCADE; CREATE SCHEMA public;
    DROP SCHEMA IF EXISTS other CASCADE; CREATE SCHEMA other;
    CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t VALUES (1, 2)";

const WITH_AND_WITHOUT_A_SLOT: [Capture; 2] = [Capture::None, Capture::Replication];

/// Alters the table between the look at it and its snapshot, and looks for what the run says.
fn is_told(database: &'static str, captures: &[Capture], cases: &[(&'static str, &str)]) {
    let mut connection = CLUSTER.database(database);
    for &capture in captures {
        let until = match capture {
            Capture::None => Until::Snapshot,
            Capture::Replication => Until::Position(0),
        };
        for (alter, told) in cases {
            connection.execute(AGAIN).unwrap();
            let altered = Altered {
                source: source(database).with_capture(capture),
                database,
                alter,
            };
            // The publication has the table already, as after a `migrate`.
            let tables = Source::get_tables(&altered).unwrap();
            Source::prepare(&altered.source, &tables).unwrap();
            let (ingestor, messages) = Ingestor::initialize_channel(IngestOptions {
                until,
                reader: format!("tests/{database}"),
                ..IngestOptions::default()
            });
            // A run that takes the table for the one that it knew ends where it hands over something.
            drop(messages);
            let tables = vec![TableInfo::select("t")];
            let error = altered.start(None, &ingestor, Some(tables)).unwrap_err();
            assert!(
                error.message().contains(told),
                "{capture:?}: {alter}: {error}"
            );
        }
    }
    Source::clean(&source(database)).unwrap();
}

#[test]
fn a_table_that_is_altered_before_its_snapshot_begins_is_not_read() {
    is_told(
        "altered",
        &WITH_AND_WITHOUT_A_SLOT,
        &[
            ("ALTER TABLE t ADD x int", "added to table `public.t`"),
            (
                "ALTER TABLE t ALTER n TYPE text",
                "altered in table `public.t`",
            ),
            (
                "ALTER TABLE t DROP n, ADD n text",
                "altered in table `public.t`",
            ),
        ],
    );
}

#[test]
fn a_table_that_is_dropped_or_renamed_before_its_snapshot_begins_is_not_read_as_another() {
    is_told(
        "replaced",
        &WITH_AND_WITHOUT_A_SLOT,
        &[
            (
                "BEGIN; DROP TABLE t; CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t VALUES (3, 4); COMMIT",
                "table `public.t` was dropped",
            ),
            (
                "BEGIN; ALTER TABLE t RENAME TO t_old; CREATE TABLE t (id int PRIMARY KEY, n int); COMMIT",
                "table `public.t` was renamed to `public.t_old`",
            ),
        ],
    );
}

#[test]
fn what_is_dropped_or_renamed_while_the_slot_waits_for_it_is_not_taken_for_an_empty_table() {
    is_told(
        "replaced_meanwhile",
        &[Capture::Replication],
        &[
            ("BEGIN; DROP TABLE t", "table `public.t` was dropped"),
            (
                "BEGIN; DROP TABLE t; CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t VALUES (3, 4)",
                "table `public.t` was dropped",
            ),
            (
                "BEGIN; ALTER TABLE t RENAME TO t_old; CREATE TABLE t (id int PRIMARY KEY, n int)",
                "table `public.t` was renamed to `public.t_old`",
            ),
            (
                "BEGIN; ALTER TABLE t RENAME TO t_old; CREATE VIEW t AS SELECT * FROM t_old",
                "table `public.t` was renamed to `public.t_old`",
            ),
            (
                "BEGIN; ALTER TABLE t SET SCHEMA other",
                "table `public.t` was renamed to `other.t`",
            ),
        ],
    );
}

#[test]
fn a_table_that_leaves_its_publication_while_the_slot_waits_is_not_followed() {
    is_told(
        "unpublished_meanwhile",
        &[Capture::Replication],
        &[
            (
                "BEGIN; DO $$ DECLARE p name; BEGIN SELECT pubname INTO p FROM pg_publication;
                   EXECUTE format('ALTER PUBLICATION %I DROP TABLE t', p); END $$",
                "table `public.t` is not in publication",
            ),
            (
                "BEGIN; DO $$ DECLARE p name; BEGIN SELECT pubname INTO p FROM pg_publication;
                   EXECUTE format('DROP PUBLICATION %I', p); END $$",
                "was dropped while the run began",
            ),
        ],
    );
}

#[test]
fn tables_that_are_not_wanted_keep_their_place_and_need_no_columns() {
    CLUSTER
        .database("wanted")
        .execute(
            "DO $$ BEGIN FOR n IN 1 .. 40 LOOP
               EXECUTE format('CREATE TABLE t%s (id int PRIMARY KEY, n text)', n);
             END LOOP; END $$;
             CREATE SCHEMA other; CREATE TABLE other.t7 (id int PRIMARY KEY, x int, y int)",
        )
        .unwrap();
    let source = source("wanted");
    let all = Source::get_tables(&source).unwrap();
    let names =
        |tables: &[TableInfo]| -> Vec<String> { tables.iter().map(TableInfo::full_name).collect() };
    for (wanted, count) in [
        (TableInfo::select("t7"), 2),
        (TableInfo::select("t7").with_schema("other"), 1),
        (TableInfo::select("none"), 0),
    ] {
        let tables = source
            .get_wanted_tables(std::slice::from_ref(&wanted))
            .unwrap();
        assert_eq!(names(&tables), names(&all));
        let whole = (tables.iter().zip(&all)).filter(|(table, whole)| table == whole);
        assert_eq!(whole.count(), count, "{wanted:?}");
        let described = tables.iter().filter(|table| !table.columns.is_empty());
        assert_eq!(described.count(), count, "{wanted:?}");
    }
}
