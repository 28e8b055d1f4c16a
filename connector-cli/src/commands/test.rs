//! `connector test`: the checks of the conformance kit that only read, on live sources.

use connector_conformance::live::{self, LiveResult};
use connector_conformance::{Done, Patience};
use connector_core::pipeline::{App, AppConnection};
use connector_core::registry::Registry;
use connector_core::{ColumnMapping, Result, TableInfo};
use serde::Serialize;

use super::{chosen, of_connection};
use crate::args::{Format, ListArgs};
use crate::console::Console;
use crate::exit::Exit;
use crate::output::{Table, document};

#[derive(Serialize)]
struct Report {
    /// How many checks failed, all in all.
    failed: usize,
    connections: Vec<ConnectionReport>,
}

#[derive(Serialize)]
struct ConnectionReport {
    connection: String,
    checks: Vec<CheckReport>,
}

#[derive(Serialize)]
struct CheckReport {
    check: &'static str,
    group: String,
    description: &'static str,
    status: Status,
    /// What was tried, why the check does not apply, or what is wrong.
    message: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Status {
    Passed,
    NotApplicable,
    Failed,
}

pub(super) fn run(args: &ListArgs, registry: &Registry, console: &mut Console<'_>) -> Result<Exit> {
    let app = App::load(&args.config.config, registry)?;
    let mut connections = Vec::new();
    for connection in chosen(&app, args.connection.as_deref())? {
        connection.check()?;
        let tables = tables(connection)?;
        let results = live::run(&connection.connector, &tables, Patience::default());
        connections.push(ConnectionReport {
            connection: connection.name.clone(),
            checks: results.iter().map(CheckReport::of).collect(),
        });
    }
    let checks = connections.iter().flat_map(|connection| &connection.checks);
    let failed = checks
        .filter(|check| check.status == Status::Failed)
        .count();
    let report = Report {
        failed,
        connections,
    };
    let text = match args.format {
        Format::Json => document(&report)?,
        Format::Table => table(&report, console.terminal.stdout),
    };
    console.print(&text)?;
    Ok(if failed == 0 {
        Exit::DONE
    } else {
        Exit::VALIDATION
    })
}

/// The configured tables, or all whose columns are supported.
fn tables(connection: &AppConnection) -> Result<Vec<TableInfo>> {
    if !connection.tables.is_empty() {
        return Ok(connection.tables.clone());
    }
    let all = connection
        .connector
        .get_tables(None)
        .map_err(of_connection(connection))?;
    let supported = |table: &TableInfo| {
        let mut columns = table.columns.iter();
        columns.all(|column| matches!(column.mapping, ColumnMapping::Field(_)))
    };
    let select = |table: TableInfo| TableInfo {
        columns: Vec::new(),
        name: table.full_name(),
        ..table
    };
    Ok(all.into_iter().filter(supported).map(select).collect())
}

impl CheckReport {
    fn of(result: &LiveResult) -> Self {
        let (status, message) = match &result.result {
            Ok(Done::Passed { count, of }) => (Status::Passed, format!("{count} {of}")),
            Ok(Done::NotApplicable { because }) => {
                (Status::NotApplicable, format!("because {because}"))
            }
            Err(failure) => (Status::Failed, failure.message().to_owned()),
        };
        Self {
            check: result.check.name,
            group: result.check.group.to_string(),
            description: result.check.description,
            status,
            message,
        }
    }
}

fn table(report: &Report, width: Option<u16>) -> String {
    let mut table = Table::new(&["connection", "check", "result", ""]);
    for connection in &report.connections {
        for check in &connection.checks {
            let status = match check.status {
                Status::Passed => "passed",
                Status::NotApplicable => "not applicable",
                Status::Failed => "FAILED",
            };
            table.row([
                connection.connection.clone(),
                check.check.replace('_', " "),
                status.to_owned(),
                check.message.clone(),
            ]);
        }
    }
    table.render(width)
}
