//! `migrate`: prepares the sources, prints every finding, and writes the lock file.

use connector_core::pipeline::{App, AppConnection, Difference, Guarantee};
use connector_core::registry::Registry;
use connector_core::validation::{Finding, Severity, ValidationResults};
use connector_core::{Result, SourceSchema};
use serde::Serialize;

use super::inspection::{may_prepare, prepare, refusal};
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
    /// What was set up in the source.
    prepared: Vec<String>,
    findings: ValidationResults,
    /// Absent where there is no sink.
    guarantee: Option<Guarantee>,
    error: Option<ErrorReport>,
}

#[derive(Serialize)]
struct LockReport {
    path: String,
    /// Whether there was a lock file to compare with.
    found: bool,
    written: bool,
    differences: Vec<Difference>,
}

pub(super) fn run(
    args: &MigrateArgs,
    registry: &Registry,
    console: &mut Console<'_>,
) -> Result<Exit> {
    let app = App::load(&args.config.config, registry)?;
    let mut exit = Exit::DONE;
    let mut schemas = Vec::new();
    let mut connections = Vec::new();
    for connection in app.connections() {
        let mut migration = ConnectionMigration {
            name: connection.name.clone(),
            prepared: Vec::new(),
            findings: Vec::new(),
            guarantee: app.guarantee(connection)?,
            error: None,
        };
        match migrate(connection, !args.check, &mut migration, console) {
            Ok(of_connection) => schemas.extend(of_connection),
            Err(error) => {
                console.error(&error);
                exit = exit.or(exit::of(error.kind()));
                migration.error = Some(ErrorReport::of(&error));
            }
        }
        connections.push(migration);
    }
    let lock = lock(&app, &schemas, args.check, &mut exit, console)?;
    let migration = Migration { connections, lock };
    let text = match args.format {
        Format::Json => document(&migration)?,
        Format::Table => tables(&migration, console.terminal.stdout),
    };
    console.print(&text)?;
    Ok(exit)
}

/// The schemas of the connection's sources, once nothing speaks against them.
fn migrate(
    connection: &AppConnection,
    set_up: bool,
    migration: &mut ConnectionMigration,
    console: &mut Console<'_>,
) -> Result<Vec<SourceSchema>> {
    migration.findings = patiently(connection, console, || connection.validate())?;
    if connection.tables.is_empty() {
        return Ok(Vec::new());
    }
    if set_up && may_prepare(&migration.findings) {
        migration.prepared = prepare(connection, &mut migration.findings, console)?;
    }
    match refusal(connection, &migration.findings) {
        Some(error) => Err(error),
        None => patiently(connection, console, || connection.schemas()),
    }
}

/// Compares with the lock file, and writes it when nothing failed.
fn lock(
    app: &App,
    schemas: &[SourceSchema],
    check: bool,
    exit: &mut Exit,
    console: &mut Console<'_>,
) -> Result<LockReport> {
    let file = app.lock_file();
    let mut report = LockReport {
        path: file.path().display().to_string(),
        found: false,
        written: false,
        differences: Vec::new(),
    };
    match file.drift(schemas) {
        Ok(differences) => {
            report.found = differences.is_some();
            report.differences = differences.unwrap_or_default();
        }
        Err(error) if check => {
            console.error(&error);
            *exit = exit.or(exit::of(error.kind()));
        }
        // It is written anew, as the error's help says.
        Err(error) => console.log(Level::Warn, None, error.message()),
    }
    if check {
        if !report.differences.is_empty() {
            *exit = exit.or(Exit::DRIFT);
        }
    } else if *exit == Exit::DONE {
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
        prepared.extend(lines.map(|line| printable(&format!("{}: {line}\n", connection.name))));
        let guarantee = connection.guarantee.map(|it| it.to_string());
        guarantees.row([
            connection.name.clone(),
            guarantee.unwrap_or_else(|| "no sink".to_owned()),
        ]);
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
    parts.push(lock_text(&migration.lock));
    parts.join("\n")
}

fn grouped_findings(migration: &Migration, width: Option<u16>) -> impl Iterator<Item = String> {
    let of_connection = move |connection: &ConnectionMigration| {
        let name = connection.name.clone();
        let of_table = move |findings: &[Finding]| {
            let mut table = Table::new(&["severity", "column", "type", "message", "rule"]);
            for finding in findings {
                table.row(grouped_cells(finding));
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
    let message = finding.message.clone();
    [
        severity(finding.severity).to_owned(),
        finding.column.clone().unwrap_or_default(),
        types.join(" → "),
        match &finding.fix {
            Some(fix) => format!("{message}\nfix: {fix}"),
            None => message,
        },
        finding.rule.to_string(),
    ]
}

fn lock_text(lock: &LockReport) -> String {
    let path = &lock.path;
    let differences = lock.differences.iter();
    let mut lines: Vec<String> = differences
        .map(|difference| format!("differs from the lock file: {difference}\n"))
        .collect();
    lines.push(match lock {
        LockReport { written: true, .. } => format!("lock file `{path}` written\n"),
        LockReport { found: false, .. } => format!("no lock file `{path}` to compare with\n"),
        LockReport { differences, .. } if differences.is_empty() => {
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
