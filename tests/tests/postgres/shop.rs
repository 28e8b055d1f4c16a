//! A database and an application that reads it: what the tests begin with, and how they compare.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::OnceLock;

use connector_postgres::wire::Connection;
use connector_postgres::{identifier, literal};

use crate::cluster::{Cluster, Options};
use crate::support::{Place, Ran, Running, dump, sqlite};

/// The password of the role that reads, which must be seen nowhere.
pub(crate) const CANARY: &str = "c4n4ry-0f-the-reader";
/// The role that reads, and owns the tables.
pub(crate) const READER: &str = "reader";

/// What the tests need of a server: the reader logs in with a password, and a commit is there once it is told.
pub(crate) fn options(conf: &str) -> Options {
    Options {
        // Every application of the tests that share a server leaves its slot there.
        conf: format!(
            "synchronous_commit = on\nmax_connections = 200\nmax_replication_slots = 300\n{conf}"
        ),
        hba: format!(
            "host all {READER},spy 127.0.0.1/32 scram-sha-256\nhost replication spy 127.0.0.1/32 scram-sha-256"
        ),
        ..Options::default()
    }
}

/// A server with the role that reads.
pub(crate) fn server(conf: &str) -> Cluster {
    let cluster = Cluster::start(&options(conf));
    let role = format!(
        "CREATE ROLE {READER} LOGIN REPLICATION PASSWORD {}",
        literal(CANARY)
    );
    cluster.connect("postgres").execute(&role).unwrap();
    cluster
}

/// The server of all tests that leave it as it is.
pub(crate) fn shared() -> &'static Cluster {
    static SHARED: OnceLock<Cluster> = OnceLock::new();
    SHARED.get_or_init(|| server(""))
}

/// A table that is read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Table {
    /// What the application and its sinks call it.
    pub(crate) name: &'static str,
    pub(crate) schema: &'static str,
    pub(crate) stored: &'static str,
    /// Those that are read; none: all.
    pub(crate) columns: &'static [&'static str],
}

/// A table of the schema `public` that is called by its name.
pub(crate) const fn table(name: &'static str) -> Table {
    Table {
        name,
        schema: "public",
        stored: name,
        columns: &[],
    }
}

/// The transactional sink that is compared with the source.
pub(crate) const COPY: &str = "  - { name: copy, config: !Sqlite { path: copy.db } }\n";

/// An application of a place and a database of its own.
#[derive(Debug)]
pub(crate) struct Shop {
    pub(crate) place: Place,
    database: String,
    tables: Vec<Table>,
    port: u16,
}

impl Shop {
    /// Makes the database with `schema`, as the reader, and the configuration of an application that reads these tables.
    pub(crate) fn new(cluster: &Cluster, database: &str, schema: &str, tables: &[Table]) -> Self {
        let mut connection = cluster.database(database);
        let sql = format!(
            "ALTER DATABASE {} OWNER TO {READER}; SET ROLE {READER}; {schema}",
            identifier(database)
        );
        connection.execute(&sql).unwrap();
        let shop = Self {
            place: Place::new(),
            database: database.to_owned(),
            tables: tables.to_vec(),
            port: cluster.port(),
        };
        shop.configure(shop.port, "", COPY);
        shop
    }

    /// Writes the configuration: the port to connect to, more settings of the connection, the sinks.
    pub(crate) fn configure(&self, port: u16, settings: &str, sinks: &str) {
        self.place
            .write("dozer.yaml", &self.configuration(port, settings, sinks));
    }

    fn configuration(&self, port: u16, settings: &str, sinks: &str) -> String {
        let mut text = format!(
            "app_name: {database}\nconnections:\n  - name: shop\n    config: !Postgres {{ url: \
             \"postgres://{READER}:{CANARY}@127.0.0.1:{port}/{database}\"{settings} }}\nsources:\n",
            database = self.database
        );
        for table in &self.tables {
            let quoted: Vec<String> = (table.columns.iter())
                .map(|name| format!("{name:?}"))
                .collect();
            let columns = if quoted.is_empty() {
                String::new()
            } else {
                format!(", columns: [{}]", quoted.join(", "))
            };
            writeln!(
                text,
                "  - {{ name: {}, connection: !Ref shop, schema: {:?}, table_name: {:?}{columns} }}",
                table.name, table.schema, table.stored
            )
            .unwrap();
        }
        write!(text, "sinks:\n{sinks}").unwrap();
        text
    }

    /// A connection to the database, as the superuser in the role that owns the tables.
    pub(crate) fn connect(&self, cluster: &Cluster) -> Connection {
        let mut connection = cluster.connect(&self.database);
        connection.execute(&format!("SET ROLE {READER}")).unwrap();
        connection
    }

    /// Starts `dozer <arguments>`.
    pub(crate) fn start(&self, arguments: &str) -> Running {
        self.place.start(arguments)
    }

    /// Runs `dozer <arguments>` to its end.
    pub(crate) fn run(&self, arguments: &str) -> Ran {
        let ran = self.place.run(arguments);
        assert!(
            !ran.out.contains(CANARY) && !ran.err.contains(CANARY),
            "the password was printed: {ran}"
        );
        ran
    }

    /// As [`run`](Self::run), which must end with 0.
    pub(crate) fn done(&self, arguments: &str) -> Ran {
        let ran = self.run(arguments);
        assert_eq!(ran.code, Some(0), "`dozer {arguments}`: {ran}");
        ran
    }

    /// Waits for the end of a run that was [started](Self::start).
    pub(crate) fn ended(&self, running: Running) -> Ran {
        let ran = running.finish(self.place.path());
        assert!(
            !ran.out.contains(CANARY) && !ran.err.contains(CANARY),
            "the password was printed: {ran}"
        );
        ran
    }

    /// Fails unless the sink holds exactly what the source holds, value by value, and the command finds so, too.
    pub(crate) fn is_equal(&self, cluster: &Cluster) {
        self.sink_is_equal(cluster);
        let verified = self.done("app verify");
        assert!(!verified.out.is_empty(), "{verified}");
    }

    /// As [`is_equal`](Self::is_equal), without asking the command.
    pub(crate) fn sink_is_equal(&self, cluster: &Cluster) {
        let source = self.source(cluster);
        let sink = self.sink();
        for (name, expected) in &source {
            let found = &sink[name];
            if found == expected {
                continue;
            }
            let without = |rows: &[String], others: &[String]| -> Vec<String> {
                let others: HashSet<&String> = others.iter().collect();
                let differ = rows.iter().filter(|row| !others.contains(row));
                differ.take(5).cloned().collect()
            };
            panic!(
                "`{name}`: the sink has {} rows, the source {}; it lacks {:?}, and has more: {:?}",
                found.len(),
                expected.len(),
                without(expected, found),
                without(found, expected),
            );
        }
        self.keeps_the_secret();
    }

    /// What the sink holds, each value as SQLite writes it.
    pub(crate) fn sink(&self) -> BTreeMap<String, Vec<String>> {
        let names: Vec<&str> = self.tables.iter().map(|table| table.name).collect();
        let mut dumped = dump(&self.place.file("copy.db"), &names);
        for rows in dumped.values_mut() {
            rows.sort();
        }
        dumped
    }

    /// What the source holds, each value as SQLite would write it.
    fn source(&self, cluster: &Cluster) -> BTreeMap<String, Vec<String>> {
        let mut connection = self.connect(cluster);
        (self.tables.iter())
            .map(|table| (table.name.to_owned(), rows(&mut connection, table)))
            .collect()
    }

    /// Where the server was told that it may forget what lies before, the sink has stored it.
    pub(crate) fn nothing_is_confirmed_that_is_not_stored(&self, cluster: &Cluster) {
        let copy = self.place.file("copy.db");
        let known = "SELECT 1 FROM sqlite_schema WHERE name = '_dozer_sink'";
        if !copy.exists() || sqlite(&copy, known).is_empty() {
            return;
        }
        let state = "SELECT json_extract(checkpoint, '$.state') FROM _dozer_sink";
        nothing_is_confirmed_beyond(cluster, &sqlite(&copy, state));
    }

    /// The password is in no file but the configuration.
    pub(crate) fn keeps_the_secret(&self) {
        let files = search(self.place.path());
        let told: Vec<&String> = (files.iter())
            .filter(|file| !file.ends_with("dozer.yaml"))
            .collect();
        assert!(told.is_empty(), "the password is in {told:?}");
        assert_eq!(files.len(), 1, "the search finds it where it is");
    }
}

/// No slot was told to forget more than what a checkpoint with this state has stored.
pub(crate) fn nothing_is_confirmed_beyond(cluster: &Cluster, state: &str) {
    let Some((end, _)) = state.split_once(" of ") else {
        return;
    };
    let sql = format!(
        "SELECT count(*) AS beyond FROM pg_replication_slots WHERE confirmed_flush_lsn > '{end}' AND NOT temporary"
    );
    let rows = cluster.connect("postgres").query(&sql).unwrap();
    let beyond = rows.one().unwrap().text("beyond").unwrap().to_owned();
    assert_eq!(
        beyond, "0",
        "the sink stands at {end}, and more was confirmed"
    );
}

/// The files that hold the password.
fn search(directory: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(search(&path));
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        if bytes
            .windows(CANARY.len())
            .any(|part| part == CANARY.as_bytes())
        {
            found.push(path.display().to_string());
        }
    }
    found
}

/// The rows of a table, sorted.
fn rows(connection: &mut Connection, table: &Table) -> Vec<String> {
    let of = format!("{}.{}", identifier(table.schema), identifier(table.stored));
    let columns = connection
        .query(&format!(
            "SELECT attname, format_type(atttypid, NULL) AS type FROM pg_attribute
              WHERE attrelid = {}::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
            literal(&of)
        ))
        .unwrap();
    let values: Vec<String> = columns
        .iter()
        .map(|column| {
            (
                column.text("attname").unwrap().to_owned(),
                column.text("type").unwrap().to_owned(),
            )
        })
        .filter(|(name, _)| table.columns.is_empty() || table.columns.contains(&name.as_str()))
        .map(|(name, type_name)| value(&identifier(&name), &type_name))
        .collect();
    let sql = format!("SELECT {} AS line FROM {of}", values.join(" || ', ' || "));
    let mut lines: Vec<String> = (connection.query(&sql).unwrap().iter())
        .map(|row| row.text("line").unwrap().to_owned())
        .collect();
    lines.sort();
    lines
}

/// SQL for a value as SQLite's `quote` writes it.
fn value(column: &str, type_name: &str) -> String {
    let text = match type_name {
        "smallint" | "integer" | "bigint" => format!("{column}::text"),
        "boolean" => format!("{column}::int::text"),
        "double precision" => format!(
            "CASE WHEN {column} = floor({column}) THEN {column}::text || '.0' ELSE {column}::text END"
        ),
        "bytea" => format!("'X''' || upper(encode({column}, 'hex')) || ''''"),
        "text" | "character varying" | "numeric" | "date" => {
            format!("'''' || replace({column}::text, '''', '''''') || ''''")
        }
        other => panic!("no test says what SQLite makes of {other}"),
    };
    format!("coalesce({text}, 'NULL')")
}
