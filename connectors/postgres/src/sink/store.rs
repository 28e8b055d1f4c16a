//! The database that is written: its tables, one transaction at a time, the checkpoint in it.

use std::time::{Duration, Instant};

use connector_core::sink::SinkTarget;
use connector_core::{Batch, Checkpoint, Error, ErrorKind, Fingerprint, Phase, Result, failpoint};

use super::apply::apply;
use super::snapshot::{Copies, made_anew, take_place};
use super::table::{OWN, SinkTable, check_name, staging_name};
use crate::quote::{identifier, literal};
use crate::settings::Settings;
use crate::types::widens;
use crate::wire::{Connection, Mode, Parameters, Prepared};

/// The version of the checkpoint's table.
const VERSION: u32 = 1;
/// How long a session that was cut may still hold the lock, and how often it is asked for.
const PATIENCE: Duration = Duration::from_secs(10);
const ASK_EVERY: Duration = Duration::from_millis(50);

/// What the sessions of the sink are set to, where the server knows it. Rows are found by their key, however few the table had when a
/// statement was planned; a plan is never compiled for that. The server notices within a minute that a client is gone, and lets go of
/// the lock. No operator is another than Postgres's own. `synchronous_commit` may be `off` for the role: a commit that is told to
/// the source has to be there after a crash.
const SESSION: &str = "SELECT pg_catalog.set_config(name, value, false) FROM (VALUES
         ('enable_seqscan', 'off'), ('enable_hashjoin', 'off'), ('enable_mergejoin', 'off'), ('jit', 'off'),
         ('tcp_keepalives_idle', '30'), ('tcp_keepalives_interval', '10'), ('tcp_keepalives_count', '3'),
         ('search_path', 'pg_catalog'), ('lock_timeout', '0'), ('transaction_timeout', '0'), ('default_transaction_isolation', 'read committed'),
         ('default_transaction_read_only', 'off'), ('default_transaction_deferrable', 'off'),
         ('synchronous_commit', CASE pg_catalog.current_setting('synchronous_commit')
             WHEN 'off' THEN 'on' ELSE pg_catalog.current_setting('synchronous_commit') END)) AS s(name, value)
     WHERE EXISTS (SELECT FROM pg_catalog.pg_settings p WHERE p.name = s.name)";

/// Where the tables are.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) settings: Settings,
    pub(super) schema: String,
    pub(super) prefix: String,
}

/// An open database.
#[derive(Debug)]
pub(super) struct Store {
    pub(super) connection: Connection,
    schema: String,
    app: String,
    name: String,
    widened: Vec<String>,
    pub(super) tables: Vec<SinkTable>,
    /// What is wrong with tables that were made and written, until a new snapshot makes them anew: they are gone, or have other
    /// columns.
    unfit: Vec<Unfit>,
    /// What was made by opening it.
    pub(super) made: Vec<String>,
    /// What the database holds as the checkpoint: if it holds anything else at the next commit, another run writes it.
    pub(super) stored: Option<String>,
    /// Whether this session is the one that writes.
    pub(super) held: bool,
    /// Whether the run has held the lock before: it may be held by its own session, which the server does not know to be gone.
    again: bool,
    in_transaction: bool,
    /// The snapshot that is being taken.
    snapshot: Option<Copies>,
    update: Option<Prepared>,
}

/// A table that does not fit what is to be written.
#[derive(Debug)]
struct Unfit {
    table: String,
    what: String,
}

impl Store {
    /// Connects, and makes what is missing. `again`: a session of this sink may not have ended yet.
    pub(super) fn open(place: &Place, target: &SinkTarget, again: bool) -> Result<Self> {
        check_name(&place.schema, "the schema")?;
        let mut connection = Connection::open(&place.settings, Mode::Query)?;
        connection.execute(SESSION)?;
        let version = connection.server_version();
        let tables = (target.schemas.iter())
            .map(|schema| SinkTable::new(schema, &place.schema, &place.prefix, version))
            .collect::<Result<_>>()?;
        let mut store = Self {
            connection,
            schema: place.schema.clone(),
            app: target.app.clone(),
            name: target.connection.clone(),
            widened: target.widened.clone(),
            tables,
            unfit: Vec::new(),
            made: Vec::new(),
            stored: None,
            held: false,
            again,
            in_transaction: false,
            snapshot: None,
            update: None,
        };
        store.held = store.lock(if again { PATIENCE } else { Duration::ZERO })?;
        store.stored = store.settle()?;
        Ok(store)
    }

    pub(super) fn checkpoint(&self) -> Result<Option<Checkpoint>> {
        let parse = |text: &String| {
            serde_json::from_str(text).map_err(|error| {
                Error::new(
                    ErrorKind::Sink,
                    format!("the stored checkpoint cannot be read: {error}"),
                )
                .with_help(format!(
                    "delete its row of {}, and the next run takes a new snapshot",
                    self.meta()
                ))
            })
        };
        self.stored.as_ref().map(parse).transpose()
    }

    fn meta(&self) -> String {
        format!(
            "{}.{}",
            identifier(&self.schema),
            identifier(&format!("{OWN}sink"))
        )
    }

    fn staging(&self, table: &str) -> String {
        staging_name(&self.app, &self.name, table)
    }

    fn of_this(&self) -> String {
        format!(
            "app = {} AND connection = {}",
            literal(&self.app),
            literal(&self.name)
        )
    }

    /// Takes the lock of this application and connection, which the session holds to its end.
    fn lock(&mut self, patience: Duration) -> Result<bool> {
        let key = Fingerprint::new()
            .text("dozer sink")
            .text(&self.schema)
            .text(&self.app)
            .text(&self.name);
        let sql = format!(
            "SELECT pg_catalog.pg_try_advisory_lock({}) AS taken",
            key.finish().cast_signed()
        );
        let start = Instant::now();
        loop {
            if self.connection.query(&sql)?.one()?.is_true("taken")? {
                return Ok(true);
            }
            if start.elapsed() >= patience {
                return Ok(false);
            }
            std::thread::sleep(ASK_EVERY);
        }
    }

    /// Lets others write.
    pub(super) fn let_go(&mut self) -> Result<()> {
        if std::mem::take(&mut self.held) {
            self.connection
                .execute("SELECT pg_catalog.pg_advisory_unlock_all()")?;
        }
        Ok(())
    }

    /// Before anything is written: the lock that could not be had when the database was opened.
    fn hold(&mut self) -> Result<()> {
        if self.held {
            return Ok(());
        }
        if !self.lock(PATIENCE)? {
            let error = self.in_use();
            return Err(if self.again { error.transient() } else { error });
        }
        self.held = true;
        // Whoever held it may have written.
        let stored = self.settle()?;
        if stored == self.stored {
            Ok(())
        } else {
            // It has ended, and what it stored is to be read.
            Err(self.in_use().transient())
        }
    }

    fn in_use(&self) -> Error {
        Error::new(
            ErrorKind::InUse,
            format!(
                "another run writes the sources of connection `{}` into the same schema",
                self.name
            ),
        )
        .with_help("stop the other run, or give this one another `schema`")
    }

    /// Makes what is missing, where this session holds the lock; gives the checkpoint that is stored.
    fn settle(&mut self) -> Result<Option<String>> {
        self.unfit.clear();
        self.connection.execute("BEGIN")?;
        // Those of other connections are settled before or after.
        let schema = Fingerprint::new().text("dozer sink").text(&self.schema);
        self.connection.execute(&format!(
            "SELECT pg_catalog.pg_advisory_xact_lock({})",
            schema.finish().cast_signed()
        ))?;
        let stored = self.settle_in_transaction()?;
        failpoint::pass("postgres_sink.open.before")?;
        self.connection.execute("COMMIT")?;
        failpoint::pass("postgres_sink.open.after")?;
        Ok(stored)
    }

    fn settle_in_transaction(&mut self) -> Result<Option<String>> {
        let there = self.connection.query(&format!(
            "SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = {0}) AS schema,
                 EXISTS (SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                     WHERE n.nspname = {0} AND c.relname = '{OWN}sink') AS meta",
            literal(&self.schema)
        ))?;
        let there = there.one()?;
        if !there.is_true("schema")? {
            self.connection
                .execute(&format!("CREATE SCHEMA {}", identifier(&self.schema)))?;
        }
        let meta = self.meta();
        if !there.is_true("meta")? {
            self.connection.execute(&format!(
                "CREATE TABLE {meta}(app text, connection text, version integer NOT NULL, checkpoint text,
                 tables text NOT NULL, PRIMARY KEY(app, connection))"
            ))?;
        }
        let found = self.connection.query(&format!(
            "SELECT version, checkpoint, tables FROM {meta} WHERE {}",
            self.of_this()
        ))?;
        let (checkpoint, mut own) = match found.first() {
            None => (None, Vec::new()),
            Some(row) => {
                let version = row.parse::<u32>("version")?;
                if version != VERSION {
                    return Err(Error::new(
                        ErrorKind::Sink,
                        format!(
                            "the sink's tables are of version {version}, and this program writes version {VERSION}"
                        ),
                    )
                    .with_help("use the program that wrote it, or give the sink another `schema`"));
                }
                let own: Vec<String> =
                    serde_json::from_str(row.text("tables")?).map_err(Error::sink)?;
                (row.get("checkpoint")?.map(str::to_owned), own)
            }
        };
        if self.held {
            for name in &own {
                let left = format!(
                    "{}.{}",
                    identifier(&self.schema),
                    identifier(&self.staging(name))
                );
                self.connection
                    .execute(&format!("DROP TABLE IF EXISTS {left}"))?;
            }
        }
        self.make_tables(checkpoint.is_some(), &mut own)?;
        if self.held {
            let tables = serde_json::to_string(&own).map_err(Error::sink)?;
            self.connection.execute(&format!(
                "INSERT INTO {meta} AS m VALUES ({}, {}, {VERSION}, NULL, {tables})
                 ON CONFLICT (app, connection) DO UPDATE SET tables = EXCLUDED.tables WHERE m.tables <> EXCLUDED.tables",
                literal(&self.app),
                literal(&self.name),
                tables = literal(&tables)
            ))?;
        }
        Ok(checkpoint)
    }

    /// Makes the tables that are missing, widens types, and notes what is wrong with others. The tables of widened sources get the
    /// columns that they lack.
    fn make_tables(&mut self, written: bool, own: &mut Vec<String>) -> Result<()> {
        for table in &self.tables {
            let known = own.contains(&table.name);
            let mut found = columns_of(&mut self.connection, &self.schema, &table.name)?;
            let mut unfit = |what: &str| {
                self.unfit.push(Unfit {
                    table: table.name.clone(),
                    what: what.to_owned(),
                });
            };
            if known && written && found.is_none() {
                unfit("is gone, and its rows with it");
                continue;
            }
            if found.is_some() && !known {
                return Err(table.foreign());
            }
            if !self.held {
                // Somebody else is about to do it.
                if found.is_none() {
                    continue;
                }
            } else if found.is_none() {
                self.connection.execute(&format!(
                    "CREATE TABLE {0} ({1}); {2}",
                    table.qualified,
                    table.definitions(),
                    table.indexed(&table.qualified)
                ))?;
                own.push(table.name.clone());
                self.made.push(format!("table `{}` made", table.name));
                continue;
            } else if let Some(columns) = &mut found {
                widen_types(&mut self.connection, table, columns, &mut self.made)?;
            }
            if self.held && self.widened.contains(&table.source) {
                let had = found.as_ref().map_or(0, Vec::len);
                if starts_with(table, found.as_deref().unwrap_or_default())
                    && had < table.columns.len()
                {
                    for place in had..table.columns.len() {
                        let declared = table
                            .columns
                            .get(place)
                            .map_or("", |it| it.declared.as_str());
                        self.connection.execute(&format!(
                            "ALTER TABLE {} ADD COLUMN {} {declared}",
                            table.qualified,
                            table.column(place)
                        ))?;
                        let column = table.columns.get(place).map_or("", |it| it.name.as_str());
                        self.made
                            .push(format!("column `{column}` added to table `{}`", table.name));
                    }
                    found = columns_of(&mut self.connection, &self.schema, &table.name)?;
                }
            }
            let found = found.unwrap_or_default();
            if found.len() != table.columns.len() || !starts_with(table, &found) {
                let listed = |columns: Vec<String>| columns.join(", ");
                let has = listed(
                    found
                        .iter()
                        .map(|(name, typ)| format!("{name} {typ}"))
                        .collect(),
                );
                let wanted =
                    (table.columns.iter()).map(|it| format!("{} {}", it.name, it.declared));
                unfit(&format!(
                    "has the columns {has}, and for the source it needs {}",
                    listed(wanted.collect())
                ));
            }
        }
        Ok(())
    }

    pub(super) fn start_snapshot(&mut self, checkpoint: &Checkpoint) -> Result<()> {
        self.hold()?;
        self.forget()?;
        // Stored before the first row: a run that breaks off begins with a new snapshot.
        self.store(checkpoint)?;
        failpoint::pass("postgres_sink.snapshot.stored")?;
        let sql: String = (self.tables.iter())
            .map(|table| made_anew(table, &self.staging_of(table)))
            .collect();
        self.connection.execute(&sql)?;
        // What is copied counts only with the commit at the end, which waits for all that came before it.
        self.connection.execute(
            "SELECT pg_catalog.set_config('dozer.synchronous_commit', pg_catalog.current_setting('synchronous_commit'), false);
             SET synchronous_commit = off",
        )?;
        failpoint::pass("postgres_sink.snapshot.begun")?;
        self.snapshot = Some(Copies::default());
        Ok(())
    }

    fn staging_of(&self, table: &SinkTable) -> String {
        format!(
            "{}.{}",
            identifier(&self.schema),
            identifier(&self.staging(&table.name))
        )
    }

    /// The tables that were filled take the place of the old ones, in a transaction that is open from here on.
    fn finish_snapshot(&mut self) -> Result<()> {
        let Some(mut copies) = self.snapshot.take() else {
            return Ok(());
        };
        copies.end(&mut self.connection, &self.tables)?;
        failpoint::pass("postgres_sink.snapshot.copied")?;
        self.connection.execute(
            "SELECT pg_catalog.set_config('synchronous_commit', pg_catalog.current_setting('dozer.synchronous_commit'), false)",
        )?;
        self.begin()?;
        for table in &self.tables {
            let fits = !self.unfit.iter().any(|unfit| unfit.table == table.name);
            let staging = staging_name(&self.app, &self.name, &table.name);
            take_place(&mut self.connection, table, (&self.schema, &staging), fits).map_err(
                |error| Error::from(error).with_context(format!("table `{}`", table.name)),
            )?;
        }
        self.unfit.clear();
        failpoint::pass("postgres_sink.snapshot.placed")?;
        Ok(())
    }

    /// Refuses to go on where rows that were stored are gone, or are others.
    pub(super) fn all_there(&self) -> Result<()> {
        let Some(Unfit { table, what }) = self.unfit.first() else {
            return Ok(());
        };
        Err(Error::new(
            ErrorKind::Sink,
            format!("table `{table}` of the sink {what}"),
        )
        .with_help("`dozer app reset` forgets the position: the next run makes it anew from a new snapshot"))
    }

    pub(super) fn write(&mut self, batch: &Batch) -> Result<()> {
        if batch.phase == Phase::Snapshot
            && let Some(copies) = &mut self.snapshot
        {
            let (schema, app, name) = (&self.schema, &self.app, &self.name);
            return copies.write(&mut self.connection, &self.tables, batch, |table| {
                let staging = staging_name(app, name, &table.name);
                format!("{}.{}", identifier(schema), identifier(&staging))
            });
        }
        self.ready()?;
        for rows in &batch.tables {
            if let Some(table) = self.tables.get_mut(rows.table).filter(|_| !rows.is_empty()) {
                apply(&mut self.connection, table, rows)?;
                failpoint::pass("postgres_sink.write.after")?;
            }
        }
        Ok(())
    }

    /// Makes ready for changes.
    fn ready(&mut self) -> Result<()> {
        self.hold()?;
        self.finish_snapshot()?;
        self.all_there()?;
        self.begin()
    }

    pub(super) fn truncate(&mut self, table: usize) -> Result<()> {
        self.ready()?;
        if let Some(table) = self.tables.get(table) {
            self.connection
                .execute(&format!("TRUNCATE {}", table.qualified))?;
        }
        Ok(())
    }

    pub(super) fn commit(&mut self, checkpoint: &Checkpoint) -> Result<()> {
        self.ready()?;
        self.store(checkpoint)
    }

    fn begin(&mut self) -> Result<()> {
        if !self.in_transaction {
            self.connection.execute("BEGIN")?;
            self.in_transaction = true;
        }
        Ok(())
    }

    /// Takes back what was not committed.
    fn forget(&mut self) -> Result<()> {
        if let Some(mut copies) = self.snapshot.take() {
            copies.end(&mut self.connection, &self.tables)?;
            self.connection.execute(
                "SELECT pg_catalog.set_config('synchronous_commit', pg_catalog.current_setting('dozer.synchronous_commit'), false)",
            )?;
        }
        if std::mem::take(&mut self.in_transaction) {
            self.connection.execute("ROLLBACK")?;
        }
        Ok(())
    }

    fn store(&mut self, checkpoint: &Checkpoint) -> Result<()> {
        self.begin()?;
        let text = serde_json::to_string(checkpoint).map_err(Error::sink)?;
        let update = match &self.update {
            Some(update) => update.clone(),
            None => self.connection.prepare(&format!(
                "UPDATE {} SET checkpoint = $3::text
                 WHERE app = $1::text AND connection = $2::text AND checkpoint IS NOT DISTINCT FROM $4::text",
                self.meta()
            ))?,
        };
        let parameters = Parameters::new()
            .text(Some(&self.app))
            .text(Some(&self.name))
            .text(Some(&text))
            .text(self.stored.as_deref());
        let changed = self.connection.run(&update, &parameters)?;
        self.update = Some(update);
        if changed != 1 {
            self.forget()?;
            return Err(self.in_use());
        }
        failpoint::pass("postgres_sink.commit.before")?;
        // If the answer is lost, the next attempt finds in the database whether it was done.
        self.connection.execute("COMMIT")?;
        failpoint::pass("postgres_sink.commit.after")?;
        self.in_transaction = false;
        self.stored = Some(text);
        Ok(())
    }

    pub(super) fn reset(&mut self) -> Result<()> {
        self.hold()?;
        self.forget()?;
        self.store(&Checkpoint::snapshot(0))
    }

    /// What the database holds as the checkpoint now.
    pub(super) fn stored_now(&mut self) -> Result<Option<String>> {
        let sql = format!(
            "SELECT checkpoint FROM {} WHERE {}",
            self.meta(),
            self.of_this()
        );
        let rows = self.connection.query(&sql)?;
        let row = rows.first();
        Ok(row
            .map(|row| row.get("checkpoint"))
            .transpose()?
            .flatten()
            .map(str::to_owned))
    }
}

/// Gives the columns that are found the types of the source's, where those hold all that is stored.
fn widen_types(
    connection: &mut Connection,
    table: &SinkTable,
    found: &mut [(String, String)],
    made: &mut Vec<String>,
) -> Result<()> {
    for (place, (column, (name, typ))) in table.columns.iter().zip(found).enumerate() {
        if column.name == *name && column.declared != *typ && widens(typ, &column.declared) {
            connection.execute(&format!(
                "ALTER TABLE {} ALTER COLUMN {} TYPE {}",
                table.qualified,
                table.column(place),
                column.declared
            ))?;
            typ.clone_from(&column.declared);
            made.push(format!(
                "column `{name}` of table `{}` given the type `{typ}`",
                table.name
            ));
        }
    }
    Ok(())
}

/// Whether a table begins with these columns.
fn starts_with(table: &SinkTable, found: &[(String, String)]) -> bool {
    let wanted = table.columns.iter();
    found.len() <= table.columns.len()
        && (wanted.zip(found))
            .all(|(wanted, (name, typ))| wanted.name == *name && wanted.declared == *typ)
}

/// The columns of a table with their types; nothing where there is none of this name.
fn columns_of(
    connection: &mut Connection,
    schema: &str,
    table: &str,
) -> Result<Option<Vec<(String, String)>>> {
    let rows = connection.query(&format!(
        "SELECT a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod) AS type
         FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
         LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
         WHERE n.nspname = {} AND c.relname = {} ORDER BY a.attnum",
        literal(schema),
        literal(table)
    ))?;
    if rows.is_empty() {
        return Ok(None);
    }
    let mut columns = Vec::new();
    for row in rows.iter() {
        if let Some(name) = row.get("attname")? {
            columns.push((name.to_owned(), row.text("type")?.to_owned()));
        }
    }
    Ok(Some(columns))
}
