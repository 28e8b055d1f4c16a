//! `!Postgres`.

use std::any::Any;

use connector_postgres::Settings;
use connector_postgres::wire::{Connection, Mode, Rows};
use serde_json::{Map, Value};

use super::{Sink, sum_is_whole};
use crate::cluster::{Cluster, SUPERUSER};
use crate::shop::server;
use crate::source::Table;
use crate::support::{Bag, Place, bag};

/// The database that it writes into.
const DATABASE: &str = "warehouse";

/// A schema of a database that nobody else writes into.
#[derive(Debug)]
pub(crate) struct PostgresSchema {
    settings: Settings,
    url: String,
    /// The server, where it is this sink's own.
    _own: Option<Cluster>,
}

impl PostgresSchema {
    pub(crate) const FAILPOINTS: &[&str] = &["postgres_sink."];

    /// On a server of its own.
    pub(crate) fn new() -> Self {
        let cluster = server("");
        let sink = Self::beside(&cluster);
        Self {
            _own: Some(cluster),
            ..sink
        }
    }

    /// Another database on the server of the source.
    pub(crate) fn beside(cluster: &Cluster) -> Self {
        drop(cluster.database(DATABASE));
        Self {
            settings: cluster.settings(DATABASE),
            url: cluster.url(SUPERUSER, DATABASE),
            _own: None,
        }
    }

    fn connect(&self) -> Connection {
        let mut connection = Connection::open(&self.settings, Mode::Query).unwrap();
        connection.execute("SET search_path = copy").unwrap();
        connection
    }

    /// The answer to a query of a table in the schema of the sink; nothing where there is none yet.
    fn ask(&self, table: &str, sql: &str) -> Option<Rows> {
        let mut connection = self.connect();
        let there =
            format!("SELECT 1 FROM pg_tables WHERE schemaname = 'copy' AND tablename = '{table}'");
        let there = connection.query(&there).unwrap().iter().count() > 0;
        there.then(|| connection.query(sql).unwrap())
    }
}

impl Sink for PostgresSchema {
    fn name(&self) -> &'static str {
        "!Postgres"
    }

    fn configuration(&self) -> String {
        let url = &self.url;
        format!("  - {{ name: database, config: !Postgres {{ url: \"{url}\", schema: copy }} }}\n")
    }

    fn failpoints(&self) -> &'static [&'static str] {
        Self::FAILPOINTS
    }

    fn stores_at(&self) -> &'static str {
        "postgres_sink.commit.before"
    }

    fn checkpoint(&self, _: &Place) -> Option<Value> {
        let stored = "SELECT checkpoint FROM _dozer_sink WHERE checkpoint IS NOT NULL";
        let rows = self.ask("_dozer_sink", stored)?;
        let row = rows.iter().next()?;
        serde_json::from_str(row.text("checkpoint").unwrap()).ok()
    }

    fn rows(&self, _: &Place, table: &Table) -> Bag {
        let sql = format!("SELECT row_to_json(t)::text AS line FROM {} t", table.name);
        let rows = self.ask(table.name, &sql).expect("the table is there");
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
        let sum = "SELECT sum(amount)::text AS sum FROM account";
        if let Some(rows) = self.ask("account", sum) {
            sum_is_whole(rows.one().unwrap().get("sum").unwrap());
        }
    }

    fn take_away(&self, _: &Place) {
        let sessions = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'";
        self.connect().execute(sessions).unwrap();
    }

    fn hold(&self, place: &Place) -> Option<Box<dyn Any>> {
        self.checkpoint(place)?;
        let mut connection = self.connect();
        // Whoever stores a position waits; readers do not.
        let lock = "SET lock_timeout = '10s'; BEGIN; LOCK TABLE _dozer_sink IN EXCLUSIVE MODE";
        connection.execute(lock).ok()?;
        Some(Box::new(connection))
    }
}
