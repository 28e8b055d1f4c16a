//! An application over one table `person` of SQLite or of Postgres, and all the sinks.

use std::sync::Once;

use connector_postgres::wire::Connection;

use super::held::{APP, Rows, held, keyed, lines, sinks, table};
use crate::cluster::Cluster;
use crate::shop::{CANARY, READER, shared};
use crate::support::{Place, Ran, Running, json_rows, until};

/// The database of the sinks is made by whoever comes first.
static SINKS: Once = Once::new();

/// Where the table is.
pub(super) enum Origin {
    Sqlite,
    Postgres(Box<Connection>),
}

pub(super) struct Application {
    pub(super) place: Place,
    origin: Origin,
    sinks: Connection,
    /// A name that no other test has.
    name: String,
    /// What the table is called now.
    pub(super) table: &'static str,
}

impl Application {
    /// With this table, and a first run that has stored it.
    pub(super) fn stored(postgres: bool, name: &str, policy: &str, schema: &str) -> Self {
        let cluster = shared();
        let place = Place::new();
        let origin = if postgres {
            Origin::Postgres(Box::new(database(cluster, name, schema)))
        } else {
            place.sqlite("source.db", schema);
            Origin::Sqlite
        };
        SINKS.call_once(|| drop(cluster.database("sinks")));
        let mut application = Self {
            place,
            origin,
            sinks: cluster.connect("sinks"),
            name: name.to_owned(),
            table: "person",
        };
        application
            .sinks
            .execute(&format!("CREATE SCHEMA IF NOT EXISTS {name}"))
            .unwrap();
        application.configure(policy);
        application.place.done("migrate");
        application.place.done("app run --once");
        application.holds_all("after the first run", |_, _| {});
        application
    }

    /// Writes the configuration, with this policy and the table's name.
    pub(super) fn configure(&self, policy: &str) {
        let (tag, table) = (
            match &self.origin {
                Origin::Sqlite => "!Sqlite { path: source.db, capture: triggers }".to_owned(),
                Origin::Postgres(_) => format!(
                    "!Postgres {{ url: \"postgres://{READER}:{CANARY}@127.0.0.1:{}/{}\" }}",
                    shared().port(),
                    self.name
                ),
            },
            self.table,
        );
        let sinks = sinks(shared(), &self.name);
        self.place.write(
            "dozer.yaml",
            &format!(
                "app_name: {APP}\nconnections:\n  - {{ name: shop, config: {tag} }}\nsources:\n  \
                 - {{ name: person, connection: !Ref shop, table_name: {table}, schema_change: {policy} }}\nsinks:\n{sinks}"
            ),
        );
    }

    pub(super) fn sql(&mut self, sql: &str) {
        match &mut self.origin {
            Origin::Sqlite => {
                self.place.sqlite("source.db", sql);
            }
            Origin::Postgres(connection) => {
                connection.execute(sql).unwrap();
            }
        }
    }

    /// The rows that the source has.
    fn rows(&mut self) -> Rows {
        match &mut self.origin {
            Origin::Sqlite => {
                let sql = format!("SELECT * FROM {}", self.table);
                let rows = json_rows(&self.place.file("source.db"), &sql);
                rows.into_iter().map(keyed).collect()
            }
            Origin::Postgres(connection) => table(connection, &format!("public.{}", self.table)),
        }
    }

    /// What every sink holds.
    pub(super) fn held(&mut self) -> Vec<(&'static str, Rows)> {
        held(&self.place, &mut self.sinks, &self.name)
    }

    /// Every sink holds what the source holds, when each row of the source has been changed like this.
    pub(super) fn holds_all(&mut self, when: &str, change: impl Fn(&str, &mut super::held::Row)) {
        let mut rows = self.rows();
        for (id, row) in &mut rows {
            change(id, row);
        }
        for (sink, found) in self.held() {
            assert_eq!(found, rows, "{}: {sink} {when}", self.name);
        }
    }

    /// Starts a run, and waits until it has stored a change.
    pub(super) fn follow(&mut self) -> Running {
        let mut running = self.place.start("app run --log debug");
        running.wait_for("goes on from ");
        self.sql("INSERT INTO person(id, name) VALUES (999, 'follows')");
        self.wait_for("999");
        running
    }

    /// Waits until every sink has stored the row.
    fn wait_for(&self, id: &str) {
        until("the row in the sinks", || {
            let copy = json_rows(&self.place.file("copy.db"), "SELECT id FROM person");
            let mut rows = copy.into_iter().map(keyed);
            rows.any(|(found, _)| found == id).then_some(())
        });
    }

    /// Waits until the row has arrived, and ends the run.
    pub(super) fn stop_at(&mut self, running: Running, id: &str) -> Ran {
        self.wait_for(id);
        running.signal("TERM");
        let ran = running.finish(self.place.path());
        assert_eq!(ran.code, Some(130), "{}: {ran}", self.name);
        ran
    }

    /// What the run printed tells the row as the other sinks hold it.
    pub(super) fn has_printed(&mut self, ran: &Ran, id: &str) {
        let printed = lines(&ran.out);
        let (_, held) = self.held().swap_remove(0);
        assert_eq!(printed.get(id), held.get(id), "{}: {ran}", self.name);
    }
}

/// A database of this name with the table, which the reader owns.
fn database(cluster: &Cluster, name: &str, schema: &str) -> Connection {
    let mut connection = cluster.database(name);
    connection
        .execute(&format!(
            "ALTER DATABASE {name} OWNER TO {READER}; SET ROLE {READER}; {schema}"
        ))
        .unwrap();
    connection
}
