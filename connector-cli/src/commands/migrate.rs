//! `migrate`: prepares the sources, prints every finding, and writes the lock file.

use connector_core::pipeline::{App, AppConnection, Difference, Guarantee, LockFile};
use connector_core::registry::Registry;
use connector_core::validation::{Finding, Severity, ValidationResults};
use connector_core::{Error, Result, SourceSchema};
use serde::Serialize;

use super::inspection::{prepare, refusal};
use super::patience::patiently;
use crate::args::{Format, MigrateArgs};
use crate::console::Console;
use crate::exit::{self, Exit};
use crate::log::{Level, printable};
use crate::output::{ErrorReport, Table, document};

#[derive(Serialize)]
struct Migration {
    connections: Vec<ConnectionMigration>,
    lock: LockReport,
}

#[derive(Serialize)]
struct ConnectionMigration {
    name: String,
    /// What was set up in the source and in the sinks.
    prepared: Vec<String>,
    findings: ValidationResults,
    /// Absent where there is no sink, or where it cannot run.
    guarantee: Option<Guarantee>,
    error: Option<ErrorReport>,
}

#[derive(Serialize)]
struct LockReport {
    path: String,
    /// Whether there was a lock file.
    found: bool,
    written: bool,
    differences: Vec<Difference>,
    /// Why it cannot be compared with.
    error: Option<ErrorReport>,
}

pub(super) fn run(
    args: &MigrateArgs,
    registry: &Registry,
    console: &mut Console<'_>,
) -> Result<Exit> {
    let app = App::load(&args.config.config, registry)?;
    let _held = (!args.check).then(|| app.hold()).transpose()?;
    let file = app.lock_file();
    file.check_owner()?;
    let mut schemas = Vec::new();
    let mut connections = Vec::new();
    let mut errors = Vec::new();
    for connection in app.connections() {
        let mut migration = ConnectionMigration::of(&app, connection)?;
        let inspected = inspect(connection, &mut migration, console).map_err(|error| {
            if args.check || error.help().is_some() {
                return error;
            }
            error.with_help("nothing was set up: mend what is an error, and migrate again")
        });
        migration.note(inspected, &mut errors);
        connections.push(migration);
    }
    if !args.check && errors.is_empty() {
        for (connection, migration) in app.connections().iter().zip(&mut connections) {
            let prepared = set_up(&app, connection, migration, console);
            migration.note(prepared, &mut errors);
        }
    }
    for (connection, migration) in app.connections().iter().zip(&mut connections) {
        if migration.error.is_none() && !connection.tables.is_empty() {
            let found = patiently(connection, console, || connection.schemas());
            schemas.extend(migration.note(found, &mut errors).unwrap_or_default());
        }
    }
    let lock = lock(&file, &schemas, args.check, &mut errors, console)?;
    let drifted = args.check && !lock.differences.is_empty();
    let migration = Migration { connections, lock };
    let text = match args.format {
        Format::Json => document(&migration)?,
        Format::Table => tables(&migration, console.terminal.stdout),
    };
    console.print(&text)?;
    // What failed is what a person reads last.
    let mut exit = Exit::DONE;
    for error in &errors {
        console.error(error);
        exit = exit.or(exit::of(error.kind()));
    }
    Ok(if drifted { exit.or(Exit::DRIFT) } else { exit })
}

impl ConnectionMigration {
    fn of(app: &App, connection: &AppConnection) -> Result<Self> {
        Ok(Self {
            name: connection.name.clone(),
            prepared: Vec::new(),
            findings: Vec::new(),
            guarantee: app.guarantee(connection)?,
            error: None,
        })
    }

    /// Keeps what failed. What cannot run guarantees nothing.
    fn note<T>(&mut self, result: Result<T>, errors: &mut Vec<Error>) -> Option<T> {
        result
            .map_err(|error| {
                self.guarantee = None;
                self.error = Some(ErrorReport::of(&error));
                errors.push(error);
            })
            .ok()
    }
}

/// Looks at the connection. Changes nothing.
fn inspect(
    connection: &AppConnection,
    migration: &mut ConnectionMigration,
    console: &mut Console<'_>,
) -> Result<()> {
    migration.findings = patiently(connection, console, || connection.validate())?;
    refusal(connection, &migration.findings).map_or(Ok(()), Err)
}

/// Sets up the source and the tables of the sinks, once nothing speaks against it anywhere.
fn set_up(
    app: &App,
    connection: &AppConnection,
    migration: &mut ConnectionMigration,
    console: &mut Console<'_>,
) -> Result<()> {
    if connection.tables.is_empty() {
        return Ok(());
    }
    migration.prepared = prepare(connection, &mut migration.findings, console)?;
    refusal(connection, &migration.findings).map_or(Ok(()), Err)?;
    migration.prepared.extend(app.prepare_sinks(connection)?);
    Ok(())
}

/// Compares with the lock file, and writes it when nothing failed.
fn lock(
    file: &LockFile,
    schemas: &[SourceSchema],
    check: bool,
    errors: &mut Vec<Error>,
    console: &mut Console<'_>,
) -> Result<LockReport> {
    let mut report = LockReport {
        path: file.path().display().to_string(),
        found: true,
        written: false,
        differences: Vec::new(),
        error: None,
    };
    match file.drift(schemas) {
        Ok(differences) => {
            report.found = differences.is_some();
            report.differences = differences.unwrap_or_default();
        }
        Err(error) => {
            report.error = Some(ErrorReport::of(&error));
            if check {
                errors.push(error);
            } else {
                // It is written anew, as the error's help says.
                console.log(Level::Warn, None, error.message());
            }
        }
    }
    if !check && errors.is_empty() {
        file.write(schemas)?;
        report.written = true;
    }
    Ok(report)
}

/// On a terminal, a table for each table of a source; elsewhere one for all, whose lines can be searched.
fn tables(migration: &Migration, width: Option<u16>) -> String {
    let mut prepared = Vec::new();
    let mut guarantees = Table::new(&["connection", "guarantee"]);
    for connection in &migration.connections {
        let lines = connection.prepared.iter();
        prepared
            .extend(lines.map(|line| printable(&format!("{}: {line}", connection.name)) + "\n"));
        let guarantee = match (&connection.error, connection.guarantee) {
            (Some(_), _) => "none: it cannot run".to_owned(),
            (None, Some(guarantee)) => guarantee.to_string(),
            (None, None) => "no sink".to_owned(),
        };
        guarantees.row([connection.name.clone(), guarantee]);
    }
    let mut parts = Vec::new();
    if !prepared.is_empty() {
        parts.push(prepared.concat());
    }
    match width {
        Some(_) => parts.extend(grouped_findings(migration, width)),
        None => parts.extend(
            flat_findings(migration)
                .iter()
                .map(|table| table.render(None)),
        ),
    }
    if !guarantees.is_empty() {
        parts.push(guarantees.render(width));
    }
    parts.push(lock_text(migration));
    parts.join("\n")
}

fn grouped_findings(migration: &Migration, width: Option<u16>) -> impl Iterator<Item = String> {
    let of_connection = move |connection: &ConnectionMigration| {
        let name = connection.name.clone();
        let of_table = move |findings: &[Finding]| {
            let mut table = Table::new(&["severity", "column", "type", "message", "rule"]);
            for finding in findings {
                table.row(grouped_cells(finding));
                if let Some(fix) = &finding.fix {
                    let none = String::new;
                    table.row([none(), none(), none(), format!("fix: {fix}"), none()]);
                }
            }
            let source = findings.first().map_or("", |finding| &finding.table);
            let heading = printable(&format!("{name}: {source}"));
            format!("{heading}\n{}", table.render(width))
        };
        let groups = connection.findings.chunk_by(|a, b| a.table == b.table);
        groups.map(of_table).collect::<Vec<_>>()
    };
    migration.connections.iter().flat_map(of_connection)
}

fn flat_findings(migration: &Migration) -> Option<Table> {
    let mut table = Table::new(&[
        "connection",
        "table",
        "column",
        "external type",
        "field type",
        "rule",
        "severity",
        "message",
        "fix",
    ]);
    for connection in &migration.connections {
        for finding in &connection.findings {
            table.row([
                connection.name.clone(),
                finding.table.clone(),
                finding.column.clone().unwrap_or_default(),
                finding.external_type.clone().unwrap_or_default(),
                finding.field_type.clone().unwrap_or_default(),
                finding.rule.to_string(),
                severity(finding.severity).to_owned(),
                finding.message.clone(),
                finding.fix.clone().unwrap_or_default(),
            ]);
        }
    }
    (!table.is_empty()).then_some(table)
}

/// The same with fewer and wider cells: a terminal is narrow.
fn grouped_cells(finding: &Finding) -> [String; 5] {
    let types = [&finding.external_type, &finding.field_type];
    let types: Vec<&str> = types.into_iter().flatten().map(String::as_str).collect();
    [
        severity(finding.severity).to_owned(),
        finding.column.clone().unwrap_or_default(),
        types.join(" → "),
        finding.message.clone(),
        finding.rule.to_string(),
    ]
}

fn lock_text(migration: &Migration) -> String {
    let lock = &migration.lock;
    let path = &lock.path;
    let failed = migration.connections.iter().any(|it| it.error.is_some()) || lock.error.is_some();
    let differences = lock.differences.iter();
    let mut lines: Vec<String> = differences
        .map(|difference| printable(&format!("differs from the lock file: {difference}")) + "\n")
        .collect();
    lines.push(match lock {
        LockReport { written: true, .. } => format!("lock file `{path}` written\n"),
        LockReport { found: false, .. } => format!("no lock file `{path}` to compare with\n"),
        LockReport { differences, .. } if differences.is_empty() && !failed => {
            format!("lock file `{path}` left as it is: no differences\n")
        }
        LockReport { .. } => format!("lock file `{path}` left as it is\n"),
    });
    lines.concat()
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Ok => "ok",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}
