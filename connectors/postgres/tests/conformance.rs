//! The suite of every connector, over databases of one server of its own: followed by a slot, and only read.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

#[path = "support/cluster.rs"]
mod cluster;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{LazyLock, Mutex, MutexGuard};

use cluster::{Cluster, Options};
use connector_conformance::{
    Capabilities, Capability, Change, Fixture, Interruption, Row, Settings, sample,
};
use connector_core::boundaries::{self, Faults, Report};
use connector_core::prelude::*;
use connector_core::{DecimalSize, Field, FieldType, TimeUnit};
use connector_postgres::wire::Connection;
use connector_postgres::{Capture, Postgres, PostgresType, identifier, literal};

static CLUSTER: LazyLock<Cluster> = LazyLock::new(|| {
    Cluster::start(&Options {
        // Every source of the suite leaves a slot or two; a commit is there once it is told.
        conf: "max_replication_slots = 400\nsynchronous_commit = on\nmax_connections = 200"
            .to_owned(),
        ..Options::default()
    })
});

/// A database of its own.
struct Database {
    name: String,
    writer: Mutex<Connection>,
    tables: Vec<TableInfo>,
}

/// What Postgres calls a column of a field type.
fn declared(field_type: FieldType) -> &'static str {
    match field_type {
        FieldType::Int => "bigint",
        FieldType::Text => "text",
        FieldType::Float => "double precision",
        FieldType::Boolean => "boolean",
        FieldType::Binary => "bytea",
        FieldType::Timestamp(_) => "timestamptz",
        FieldType::Date => "date",
        FieldType::Json => "json",
        FieldType::String => "varchar",
        FieldType::Decimal(None) => "numeric",
        FieldType::Decimal(_) => "numeric(10, 2)",
        FieldType::Point => "point",
        FieldType::Duration(_) => "time",
        other => panic!("no column is made of {other}"),
    }
}

fn types() -> [FieldType; 13] {
    [
        FieldType::Int,
        FieldType::Text,
        FieldType::Decimal(DecimalSize::new(10, 2)),
        FieldType::Boolean,
        FieldType::Binary,
        FieldType::TIMESTAMP,
        FieldType::Json,
        FieldType::Float,
        FieldType::Date,
        FieldType::String,
        FieldType::DECIMAL,
        FieldType::Point,
        FieldType::DURATION,
    ]
}

/// A value as SQL, with the type of its column.
fn sql(column: &ColumnInfo, value: &Field) -> String {
    let text = match value {
        Field::Null => return "NULL".to_owned(),
        Field::Int(value) => value.to_string(),
        Field::Float(value) if value.is_infinite() && *value < 0.0 => "-Infinity".to_owned(),
        Field::Float(value) if value.is_infinite() => "Infinity".to_owned(),
        Field::Float(value) => format!("{value:?}"),
        Field::Boolean(value) => value.to_string(),
        Field::String(text) | Field::Text(text) | Field::Json(text) => text.clone(),
        Field::Binary(bytes) => {
            let hex = bytes.iter().map(|byte| format!("{byte:02x}"));
            format!("\\x{}", hex.collect::<String>())
        }
        Field::Decimal(value) => value.to_string(),
        Field::Timestamp(at) => at.to_string(),
        Field::Date(date) => date.to_string(),
        Field::Point(point) => format!("({:?},{:?})", point.x, point.y),
        Field::Duration(time) => {
            let micros = time.to_unit(TimeUnit::Micro).unwrap();
            let (seconds, micros) = (micros / 1_000_000, micros % 1_000_000);
            let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
            format!("{hours:02}:{minutes:02}:{:02}.{micros:06}", seconds % 60)
        }
        other => panic!("no column holds {other:?}"),
    };
    format!(
        "{}::{}",
        literal(&text),
        declared(column.field_type().unwrap())
    )
}

impl Database {
    fn writer(&self) -> MutexGuard<'_, Connection> {
        self.writer.lock().unwrap()
    }

    fn statement(&self, change: &Change) -> String {
        let table = self.tables.get(change.table()).unwrap();
        let name = identifier(&table.table_name);
        let values = |row: &Row| -> Vec<String> {
            let columns = table.columns.iter().zip(row);
            columns.map(|(column, value)| sql(column, value)).collect()
        };
        // One of several equal rows. Not every type has an equality, but every one a text.
        let this = |row: &Row| {
            let same = table
                .columns
                .iter()
                .zip(values(row))
                .map(|(column, value)| {
                    let column = identifier(&column.name);
                    format!("({column})::text IS NOT DISTINCT FROM ({value})::text")
                });
            let same = same.collect::<Vec<_>>().join(" AND ");
            format!("ctid = (SELECT ctid FROM {name} WHERE {same} LIMIT 1)")
        };
        match change {
            Change::Insert { row, .. } => {
                format!("INSERT INTO {name} VALUES ({})", values(row).join(", "))
            }
            Change::Update { old, new, .. } => {
                let set = table.columns.iter().zip(values(new));
                let set =
                    set.map(|(column, value)| format!("{} = {value}", identifier(&column.name)));
                let set = set.collect::<Vec<_>>().join(", ");
                format!("UPDATE {name} SET {set} WHERE {}", this(old))
            }
            Change::Delete { row, .. } => format!("DELETE FROM {name} WHERE {}", this(row)),
            Change::Truncate { .. } => format!("TRUNCATE {name}"),
        }
    }

    fn create(tables: &[TableInfo]) -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let name = format!("kit{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let mut writer = CLUSTER.database(&name);
        for table in tables {
            let columns = table.columns.iter().map(|column| {
                let typ = declared(column.field_type().unwrap());
                let null = if column.nullable { "" } else { " NOT NULL" };
                format!("{} {typ}{null}", identifier(&column.name))
            });
            let key = table.key_columns().into_iter();
            let key: Vec<String> = key
                .map(|place| identifier(&table.columns.get(place).unwrap().name))
                .collect();
            let primary = (!key.is_empty()).then(|| format!("PRIMARY KEY ({})", key.join(", ")));
            let parts: Vec<String> = columns.chain(primary).collect();
            let name = identifier(&table.table_name);
            writer
                .execute(&format!("CREATE TABLE {name} ({})", parts.join(", ")))
                .unwrap();
            if key.is_empty() {
                // Else it could not be updated while it is published.
                writer
                    .execute(&format!("ALTER TABLE {name} REPLICA IDENTITY FULL"))
                    .unwrap();
            }
        }
        Self {
            name,
            writer: Mutex::new(writer),
            tables: tables.to_vec(),
        }
    }

    fn connector(&self) -> Postgres {
        Postgres::new(CLUSTER.superuser_url(&self.name))
    }

    fn apply(&self, transaction: &[Change]) {
        let statements = transaction.iter().map(|change| self.statement(change));
        let sql = format!(
            "BEGIN; {}; COMMIT",
            statements.collect::<Vec<_>>().join("; ")
        );
        self.writer().execute(&sql).unwrap();
    }

    /// Two transactions that are open at once; the second is committed first.
    fn interleave(&self, first: &[Change], second: &[Change]) {
        let mut other = CLUSTER.connect(&self.name);
        let mut writer = self.writer();
        writer.execute("BEGIN").unwrap();
        other.execute("BEGIN").unwrap();
        for place in 0..first.len().max(second.len()) {
            if let Some(change) = first.get(place) {
                writer.execute(&self.statement(change)).unwrap();
            }
            if let Some(change) = second.get(place) {
                other.execute(&self.statement(change)).unwrap();
            }
        }
        other.execute("COMMIT").unwrap();
        writer.execute("COMMIT").unwrap();
    }

    /// Ends every session but the fixture's.
    fn end_sessions(&self) {
        let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()";
        self.writer().query(sql).unwrap();
    }

    fn leftovers(&self) -> Vec<String> {
        let sql = "SELECT 'slot ' || slot_name AS name FROM pg_replication_slots WHERE database = current_database()
            UNION ALL SELECT 'publication ' || pubname FROM pg_publication";
        let rows = self.writer().query(sql).unwrap();
        let names = rows.iter().map(|row| row.text("name").unwrap().to_owned());
        names.collect()
    }
}

/// A `time` is a time of day.
fn holds(value: &Field) -> bool {
    match value {
        Field::Duration(time) => {
            let micros = time.to_unit(TimeUnit::Micro);
            micros.is_some_and(|micros| (0..86_400_000_000).contains(&micros))
        }
        _ => true,
    }
}

fn sample_of(column: &ColumnInfo, number: u64) -> Field {
    match column.field_type() {
        Some(FieldType::Decimal(Some(_))) => sample(column, number % 100_000),
        _ => sample(column, number),
    }
}

const ALWAYS: [Capability; 3] = [
    Capability::Keyless,
    Capability::AnyName,
    Capability::ManyColumns,
];

/// Followed by logical replication.
struct Followed(Database);

impl Fixture for Followed {
    type Connector = Postgres;

    fn capabilities() -> Capabilities {
        Capabilities::any_table(types()).slow().can(ALWAYS).can([
            Capability::Follow,
            Capability::Update,
            Capability::ChangeKeys,
            Capability::Delete,
            Capability::Truncate,
        ])
    }

    fn open(tables: &[TableInfo]) -> Self {
        Self(Database::create(tables))
    }

    fn connector(&self) -> Postgres {
        self.0.connector()
    }

    fn apply(&self, transaction: &[Change]) {
        self.0.apply(transaction);
    }

    fn interleave(&self, first: &[Change], second: &[Change]) -> bool {
        self.0.interleave(first, second);
        true
    }

    fn holds(_: &ColumnInfo, value: &Field) -> bool {
        holds(value)
    }

    fn sample(column: &ColumnInfo, number: u64) -> Field {
        sample_of(column, number)
    }

    fn interrupt(&self, how: Interruption) -> bool {
        match how {
            Interruption::Fail => {
                // A column that is renamed under the reader; the next change has to say so.
                let table = self.0.tables.first().unwrap();
                let sql = format!(
                    "ALTER TABLE {0} RENAME COLUMN {1} TO renamed; DELETE FROM {0}",
                    identifier(&table.table_name),
                    identifier(&table.columns.last().unwrap().name)
                );
                self.0.writer().execute(&sql).unwrap();
                true
            }
            Interruption::Lose => {
                self.0.end_sessions();
                true
            }
            _ => false,
        }
    }

    fn leftovers(&self) -> Option<Vec<String>> {
        Some(self.0.leftovers())
    }

    fn column_types() -> Option<std::result::Result<Report, Faults>> {
        Some(boundaries::check::<PostgresType>())
    }

    fn settings(&self) -> Option<Settings> {
        Some(Settings::of::<Postgres>(serde_json::json!({
            "host": "127.0.0.1",
            "port": CLUSTER.port(),
            "user": cluster::SUPERUSER,
            "database": self.0.name,
        })))
    }
}

/// Read by snapshots alone.
struct Read(Database);

impl Fixture for Read {
    type Connector = Postgres;

    fn capabilities() -> Capabilities {
        let rows = [Capability::Update, Capability::Delete];
        Capabilities::any_table(types())
            .slow()
            .can(ALWAYS)
            .can(rows)
    }

    fn open(tables: &[TableInfo]) -> Self {
        Self(Database::create(tables))
    }

    fn connector(&self) -> Postgres {
        self.0.connector().with_capture(Capture::None)
    }

    fn apply(&self, transaction: &[Change]) {
        self.0.apply(transaction);
    }

    fn holds(_: &ColumnInfo, value: &Field) -> bool {
        holds(value)
    }

    fn sample(column: &ColumnInfo, number: u64) -> Field {
        sample_of(column, number)
    }

    fn interrupt(&self, how: Interruption) -> bool {
        match how {
            // A value that its column's field type does not hold.
            Interruption::Fail => {
                let name = identifier(&self.0.tables.first().unwrap().table_name);
                let sql = format!("UPDATE {name} SET c5 = 'infinity'");
                self.0.writer().execute(&sql).unwrap();
                true
            }
            Interruption::Lose => {
                self.0.end_sessions();
                true
            }
            _ => false,
        }
    }

    fn leftovers(&self) -> Option<Vec<String>> {
        Some(self.0.leftovers())
    }

    fn settings(&self) -> Option<Settings> {
        Some(Settings::of::<Postgres>(serde_json::json!({
            "host": "127.0.0.1",
            "port": CLUSTER.port(),
            "user": cluster::SUPERUSER,
            "database": self.0.name,
            "capture": "none",
        })))
    }
}

mod followed {
    connector_conformance::suite!(super::Followed);
}

mod read {
    connector_conformance::suite!(super::Read);
}
