//! Values of a snapshot: each is what its column's cast makes of it, and a text that is not UTF-8 is refused where it stands.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::collections::HashMap;
use std::path::Path;

use connector_core::connector::Connector;
use connector_core::ingest::{Delivery, IngestOptions, Ingestor, Until};
use connector_core::{Batch, Column, ColumnTypes as _, Error, OnMisfit, TableInfo};
use connector_sqlite::read::Statement;
use connector_sqlite::{Sqlite, SqliteType};
use rusqlite::Connection;

/// The rows of a table `t` of two columns of text, by their ids from 1.
fn read(rows: &[[&[u8]; 2]], on_misfit: OnMisfit) -> Result<Vec<Batch>, Error> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("texts.db");
    let connection = Connection::open(&path).unwrap();
    connection
        .execute_batch("CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT, b VARCHAR(9) NOT NULL)")
        .unwrap();
    for [a, b] in rows {
        connection
            .execute(
                "INSERT INTO t(a, b) VALUES(CAST(?1 AS TEXT), CAST(?2 AS TEXT))",
                (a, b),
            )
            .unwrap();
    }
    snapshot(&path, on_misfit)
}

/// The batches of a snapshot of the table `t`.
fn snapshot(path: &Path, on_misfit: OnMisfit) -> Result<Vec<Batch>, Error> {
    let (ingestor, mut deliveries) = Ingestor::initialize_channel(IngestOptions {
        until: Until::Snapshot,
        on_misfit: HashMap::from([("t".to_owned(), on_misfit)]),
        ..IngestOptions::default()
    });
    let source = Sqlite::new(path);
    let running = std::thread::spawn(move || {
        source.start(None, &ingestor, Some(vec![TableInfo::select("t")]))
    });
    let mut batches = Vec::new();
    while let Some(delivery) = deliveries.next_delivery() {
        if let Delivery::Batch(batch) = delivery {
            batches.push(batch);
        }
    }
    drop(deliveries);
    running.join().unwrap().map(|()| batches)
}

/// Each row that arrived, and the numbers and columns of those that were rejected.
type Taken = (Vec<[String; 2]>, Vec<(u64, String)>);

fn taken(batches: &[Batch]) -> Taken {
    let text = |column: &Column, row| column.text(row).unwrap().to_owned();
    let tables = batches.iter().flat_map(|batch| &batch.tables);
    let rows = tables.flat_map(|table| {
        let row = |row| [1, 2].map(|column: usize| text(table.columns.get(column).unwrap(), row));
        (0..table.len()).map(row).collect::<Vec<_>>()
    });
    let rejected = batches.iter().flat_map(|batch| &batch.rejected);
    let rejected = rejected.map(|row| (row.error.seq, row.error.column.clone()));
    (rows.collect(), rejected.collect())
}

/// So many bytes of text before the bytes, and as many behind them.
fn within(length: usize, bytes: &[u8]) -> Vec<u8> {
    let around = "ż".repeat(length.div_ceil(2));
    [around.as_bytes(), bytes, around.as_bytes()].concat()
}

#[test]
fn a_text_that_is_not_utf_8_is_refused_with_its_row_wherever_it_stands() {
    let broken: [&[u8]; 5] = [b"\xff", b"\xc5", b"\xbc", b"\xe2\x82", b"\xed\xa0\x80"];
    // Short and long texts are looked at in different ways.
    for length in [0, 30, 62, 64, 300] {
        for broken in broken {
            for place in [1, 3, 5] {
                let broken = within(length, broken);
                let good = within(length, "a€".as_bytes());
                let rows: Vec<[&[u8]; 2]> = (1..=5)
                    .map(|row| [if row == place { &broken } else { &good }, b"b".as_slice()])
                    .collect();

                let error = read(&rows, OnMisfit::Fail).unwrap_err().to_string();
                for said in ["`t`", "`a`", "text that is not UTF-8"] {
                    assert!(error.contains(said), "{error}");
                }
                assert!(error.contains(&format!("(0, {place})")), "{error}");

                let (rows, rejected) = taken(&read(&rows, OnMisfit::Reject).unwrap());
                let good = [String::from_utf8(good).unwrap(), "b".to_owned()];
                assert_eq!(rows, vec![good; 4]);
                assert_eq!(rejected, [(place, "a".to_owned())]);
            }
        }
    }
}

#[test]
fn two_halves_of_a_character_in_neighbouring_values_are_no_character() {
    for length in [0, 3, 70] {
        let around = "x".repeat(length);
        let first = [around.as_bytes(), b"\xc5"].concat();
        let second = [b"\xbc", around.as_bytes()].concat();
        assert!(String::from_utf8([first.as_slice(), &second].concat()).is_ok());

        // One below the other, between rows that are as they should be.
        let rows: [[&[u8]; 2]; 4] = [[b"1", b"1"], [&first, b"2"], [&second, b"3"], [b"4", b"4"]];
        let (arrived, rejected) = taken(&read(&rows, OnMisfit::Reject).unwrap());
        assert_eq!(arrived, [["1", "1"], ["4", "4"]]);
        assert_eq!(rejected, [(2, "a".to_owned()), (3, "a".to_owned())]);

        // Side by side.
        let (arrived, rejected) =
            taken(&read(&[[&first, &second], [b"1", b"1"]], OnMisfit::Reject).unwrap());
        assert_eq!(arrived, [["1", "1"]]);
        assert_eq!(rejected, [(1, "a".to_owned())]);
    }
}

#[test]
fn a_text_that_is_not_utf_8_becomes_null_where_that_is_asked_for_and_allowed() {
    let rows: [[&[u8]; 2]; 3] = [[b"1", b"1"], [b"\xff", b"2"], ["ż".as_bytes(), b"3"]];
    let batches = read(&rows, OnMisfit::Null).unwrap();
    let columns = &batches.first().unwrap().tables.first().unwrap().columns;
    let texts: Vec<Option<&str>> = (0..3)
        .map(|row| columns.get(1).unwrap().text(row))
        .collect();
    assert_eq!(texts, [Some("1"), None, Some("ż")]);
    assert_eq!(batches.iter().map(|batch| batch.nulled).sum::<u64>(), 1);

    let error = read(&[[b"1", b"\xff"]], OnMisfit::Null).unwrap_err();
    assert!(error.to_string().contains("`b`"), "{error}");
}

#[test]
fn a_value_is_what_its_column_s_cast_makes_of_it() {
    let types = [
        "INTEGER",
        "REAL",
        "BOOLEAN",
        "VARCHAR(9)",
        "TEXT",
        "BLOB",
        "DECIMAL(9, 2)",
        "DECIMAL(38, 20)",
        "DECIMAL(40, 2)",
        "DECIMAL(5, -1)",
        "DECIMAL",
        "DATE",
        "TIMESTAMP",
        "JSON",
        "",
    ];
    let values = [
        "NULL",
        "0",
        "1",
        "-7",
        "9999999",
        "10000000",
        "9223372036854775807",
        "-9223372036854775808",
        "1.5",
        "-12.34",
        "0.1",
        "0.001",
        "99999.99",
        "9999999.99",
        "1e15",
        "1e300",
        "''",
        "'abc'",
        "'12.340'",
        "'2024-02-29'",
        "'2023-02-29'",
        "'2024-13-01'",
        "'2024-00-10'",
        "'2024-01-00'",
        "'0000-01-01'",
        "'9999-12-31'",
        "'2024-1-01 '",
        "'2024-01-01 00:00:00'",
        "'{\"a\": 1}'",
        "x'00ff'",
        "CAST(x'ff' AS TEXT)",
        "CAST(x'323032342d30312d3031ff' AS TEXT)",
    ];
    for declared in types {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("values.db");
        let connection = Connection::open(&path).unwrap();
        let rows = values.map(|value| format!("({value})")).join(", ");
        connection
            .execute_batch(&format!(
                "CREATE TABLE t(v {declared}); INSERT INTO t VALUES {rows}"
            ))
            .unwrap();

        let typ = SqliteType::declared(declared);
        let field_type = typ.field_type().unwrap();
        let (mut wanted, mut refused) = (Vec::new(), Vec::new());
        let mut stored = Statement::prepare(&connection, "SELECT v FROM t").unwrap();
        while stored.step().unwrap() {
            let mut column = Column::new(field_type);
            match typ.cast()(&typ, stored.value(0), &mut column) {
                Ok(()) => wanted.push(format!("{:?}", column.value(0))),
                Err(misfit) => refused.push(misfit),
            }
        }
        drop(stored);

        let batches = snapshot(&path, OnMisfit::Reject).unwrap();
        let tables = batches.iter().flat_map(|batch| &batch.tables);
        let arrived: Vec<String> = tables
            .flat_map(|table| {
                let column = table.columns.first().unwrap();
                let value = |row| format!("{:?}", column.value(row));
                (0..column.len()).map(value).collect::<Vec<_>>()
            })
            .collect();
        assert_eq!(arrived, wanted, "{declared}");
        let rejected = batches.iter().flat_map(|batch| &batch.rejected);
        let rejected: Vec<_> = rejected.map(|row| row.error.misfit.clone()).collect();
        assert_eq!(rejected, refused, "{declared}");
        assert!(arrived.len() + rejected.len() == values.len());
    }
}

#[test]
fn a_row_that_is_refused_is_told_with_its_texts_as_they_are_stored() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("refused.db");
    let connection = Connection::open(&path).unwrap();
    connection
        .execute_batch(
            "CREATE TABLE t(n INTEGER, p DECIMAL(3, 2), f REAL, d DATE, e DATE, at TIMESTAMP, j JSON, a TEXT, b BLOB);
             INSERT INTO t VALUES('seven', 1234, 'x', '2023-02-29', '2024-02-29', 'noon', '{', 'a', x'00ff')",
        )
        .unwrap();
    let batches = snapshot(&path, OnMisfit::Reject).unwrap();
    let rejected: Vec<_> = batches.iter().flat_map(|batch| &batch.rejected).collect();
    let row = rejected.first().unwrap();
    let texts: Vec<Option<&str>> = row.row.iter().map(|(_, text)| text.as_deref()).collect();
    let told = [
        "seven",
        "1234",
        "x",
        "2023-02-29",
        "2024-02-29",
        "noon",
        "{",
        "a",
    ];
    assert_eq!(texts.get(..8).unwrap(), told.map(Some));
    assert_eq!(row.bytes, [("b".to_owned(), vec![0, 255])]);
    assert!(!row.incomplete);
}
