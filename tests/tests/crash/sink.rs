//! Sinks, as their files show them after the command is gone.

use std::collections::BTreeSet;

use connector_postgres::wire::Rows;
use serde_json::{Map, Value};

use crate::cluster::{Cluster, SUPERUSER};
use crate::look::look;
use crate::shop::server;
use crate::source::Table;
use crate::support::{self, Bag, Place, Writer, bag, json_rows};

/// A sink of a trial. To add one: its line of the configuration, how its checkpoint and its rows are read back, and the
/// beginnings of the names of its failpoints.
pub(crate) trait Sink: Sync {
    /// As it is in the configuration.
    fn name(&self) -> &'static str;

    /// Its line of the configuration.
    fn configuration(&self) -> String;

    /// What the names of its failpoints begin with.
    fn failpoints(&self) -> &'static [&'static str];

    /// The checkpoint that it has stored.
    fn checkpoint(&self, place: &Place) -> Option<Value>;

    /// The rows of a table that it tells.
    fn rows(&self, place: &Place, table: &Table) -> Bag;

    /// Fails where a position is there twice, or one is missing that is not `elsewhere`.
    fn check(&self, _place: &Place, _tables: &[Table], _elsewhere: &BTreeSet<(u64, u64)>) {}

    /// Fails where it shows a part of a transaction, at a moment when no run is.
    fn check_whole(&self, _place: &Place) {}

    /// Holds up its writer; it is free again when what is given is dropped.
    fn lock(&self, _place: &Place) -> Option<Writer> {
        None
    }
}

/// `!Sqlite`.
#[derive(Debug)]
pub(crate) struct SqliteFile;

impl Sink for SqliteFile {
    fn name(&self) -> &'static str {
        "!Sqlite"
    }

    fn configuration(&self) -> String {
        "  - { name: copy, config: !Sqlite { path: copy.db } }\n".to_owned()
    }

    fn failpoints(&self) -> &'static [&'static str] {
        &["sqlite_sink."]
    }

    fn checkpoint(&self, place: &Place) -> Option<Value> {
        let stored = "SELECT checkpoint FROM _dozer_sink";
        let text = look(&place.file("copy.db"), stored)?;
        serde_json::from_str(&text).ok()
    }

    fn rows(&self, place: &Place, table: &Table) -> Bag {
        let sql = format!("SELECT * FROM {}", table.name);
        bag(json_rows(&place.file("copy.db"), &sql))
    }

    fn check_whole(&self, place: &Place) {
        let sum = "SELECT CAST(sum(amount) AS TEXT) FROM account";
        let sum = look(&place.file("copy.db"), sum);
        let whole = sum.as_deref().is_none_or(|sum| sum == crate::source::SUM);
        assert!(whole, "a part of a transfer is visible: the sum is {sum:?}");
    }

    fn lock(&self, place: &Place) -> Option<Writer> {
        self.checkpoint(place).map(|_| {
            let mut writer = Writer::start(&place.file("copy.db"));
            writer.write("BEGIN IMMEDIATE;\n");
            writer
        })
    }
}

/// `!Postgres`, on a server of its own.
#[derive(Debug)]
pub(crate) struct PostgresSchema(Cluster);

impl PostgresSchema {
    pub(crate) const FAILPOINTS: &[&str] = &["postgres_sink."];

    pub(crate) fn new() -> Self {
        Self(server(""))
    }

    /// The answer to a query in the schema of the sink; nothing where there is none yet.
    fn ask(&self, sql: &str) -> Option<Rows> {
        let mut connection = self.0.connect("postgres");
        connection.execute("SET search_path = copy").unwrap();
        let there = "SELECT 1 FROM pg_namespace WHERE nspname = 'copy'";
        let there = connection.query(there).unwrap().iter().count() > 0;
        there.then(|| connection.query(sql).unwrap())
    }
}

impl Sink for PostgresSchema {
    fn name(&self) -> &'static str {
        "!Postgres"
    }

    fn configuration(&self) -> String {
        let url = self.0.url(SUPERUSER, "postgres");
        format!("  - {{ name: database, config: !Postgres {{ url: \"{url}\", schema: copy }} }}\n")
    }

    fn failpoints(&self) -> &'static [&'static str] {
        Self::FAILPOINTS
    }

    fn checkpoint(&self, _: &Place) -> Option<Value> {
        let rows = self.ask("SELECT checkpoint FROM _dozer_sink WHERE checkpoint IS NOT NULL")?;
        let row = rows.iter().next()?;
        serde_json::from_str(row.text("checkpoint").unwrap()).ok()
    }

    fn rows(&self, _: &Place, table: &Table) -> Bag {
        let sql = format!("SELECT row_to_json(t)::text AS line FROM {} t", table.name);
        let rows = self.ask(&sql).expect("the schema is there");
        let row = |line: &str| {
            let mut row: Map<String, Value> = serde_json::from_str(line).unwrap();
            // The server leaves the fraction out where there is none.
            if let Some(score) = row.get("score").and_then(Value::as_f64) {
                row.insert("score".to_owned(), score.into());
            }
            row
        };
        bag(rows.iter().map(|found| row(found.text("line").unwrap())))
    }

    fn check_whole(&self, _: &Place) {
        let sql = "SELECT sum(amount)::text AS sum FROM account";
        let there =
            "SELECT 1 AS there FROM pg_tables WHERE schemaname = 'copy' AND tablename = 'account'";
        if self.ask(there).is_some_and(|rows| rows.iter().count() > 0) {
            let rows = self.ask(sql).expect("the schema is there");
            let sum = rows.one().unwrap().get("sum").unwrap().map(str::to_owned);
            let whole = sum.as_deref().is_none_or(|sum| sum == crate::source::SUM);
            assert!(whole, "a part of a transfer is visible: the sum is {sum:?}");
        }
    }
}

/// `!Jsonl`.
#[derive(Debug)]
pub(crate) struct Lines;

impl Sink for Lines {
    fn name(&self) -> &'static str {
        "!Jsonl"
    }

    fn configuration(&self) -> String {
        support::JSONL.to_owned()
    }

    fn failpoints(&self) -> &'static [&'static str] {
        &["jsonl.", "state_file."]
    }

    fn checkpoint(&self, place: &Place) -> Option<Value> {
        let file = place.file("out/shop.state.json");
        let text = std::fs::read_to_string(file).ok()?;
        let state: Value = serde_json::from_str(&text).expect("a state file is never torn");
        Some(state["state"]["checkpoint"].clone())
    }

    fn rows(&self, place: &Place, table: &Table) -> Bag {
        support::Lines::read(&place.file("out"), &[table.name]).folded_by(table.name, table.key)
    }

    fn check(&self, place: &Place, tables: &[Table], elsewhere: &BTreeSet<(u64, u64)>) {
        let names: Vec<&str> = tables.iter().map(|table| table.name).collect();
        let lines = support::Lines::read(&place.file("out"), &names);
        lines.positions_are_right_without(elsewhere);
    }
}
