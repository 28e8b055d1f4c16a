//! What a run begins with: the tables that it was told of, and the snapshot.

use connector_core::connector::Connector as _;
use connector_core::ingest::{IngestOptions, Ingestor, Until};
use connector_core::{ChangeRequest, ChangeStream, Result, Source, TableInfo};
use connector_postgres::{Capture, Postgres};

use crate::{CLUSTER, source};

/// A source whose database is altered as soon as its tables were told.
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
        Ok(tables)
    }

    fn changes(&self, request: &ChangeRequest) -> Result<impl ChangeStream> {
        self.source.changes(request)
    }

    fn selects_columns(&self) -> bool {
        true
    }
}

#[test]
fn a_table_that_is_altered_before_its_snapshot_begins_is_not_read() {
    CLUSTER
        .database("altered")
        .execute("CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t VALUES (1, 2)")
        .unwrap();
    for (capture, until) in [
        (Capture::None, Until::Snapshot),
        (Capture::Replication, Until::Position(0)),
    ] {
        for (alter, told) in [
            ("ALTER TABLE t ADD x int", "added to table `public.t`"),
            (
                "ALTER TABLE t ALTER n TYPE text",
                "altered in table `public.t`",
            ),
        ] {
            let altered = Altered {
                source: source("altered").with_capture(capture),
                database: "altered",
                alter,
            };
            let (ingestor, _messages) = Ingestor::initialize_channel(IngestOptions {
                until,
                reader: "tests/altered".to_owned(),
                ..IngestOptions::default()
            });
            let tables = vec![TableInfo::select("t")];
            let error = altered.start(None, &ingestor, Some(tables)).unwrap_err();
            assert!(error.message().contains(told), "{capture:?}: {error}");
            CLUSTER
                .connect("altered")
                .execute("ALTER TABLE t DROP COLUMN IF EXISTS x, ALTER n TYPE int USING n::int")
                .unwrap();
        }
    }
    Source::clean(&source("altered")).unwrap();
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
