//! `app verify`: compares what the sinks hold with a new snapshot of the sources.

use connector_core::pipeline::{App, SinkVerification, Verification, VerifyOptions};
use connector_core::registry::Registry;
use connector_core::sink::{Compared, Mismatch, MismatchKind};
use connector_core::{Error, Result};
use serde::Serialize;

use super::chosen;
use crate::args::{Format, ListArgs};
use crate::console::Console;
use crate::exit::Exit;
use crate::log::Level;
use crate::output::{Table, document, position};
use crate::signals::Signals;

#[derive(Serialize)]
struct Report {
    /// How many rows differ, all in all.
    differing: u64,
    connections: Vec<Verification>,
}

pub(super) fn run(
    args: &ListArgs,
    registry: &Registry,
    console: &mut Console<'_>,
    signals: &Signals,
) -> Result<Exit> {
    let app = App::load(&args.config.config, registry)?;
    let mut chosen = chosen(&app, args.connection.as_deref())?;
    chosen.retain(|connection| !connection.tables.is_empty());
    if chosen.is_empty() {
        return Err(Error::config(
            "there are no sources: there is nothing to verify",
        ));
    }
    signals.listen()?;
    let options = VerifyOptions {
        cancellation: signals.cancellation().clone(),
        ..VerifyOptions::default()
    };
    let mut connections = Vec::new();
    for connection in chosen {
        let found = app.verify(connection, &options)?;
        for sink in &found.sinks {
            if let Some(note) = note(&found, sink) {
                console.log(Level::Warn, Some(&found.connection), &note);
            }
        }
        connections.push(found);
    }
    let report = Report {
        differing: connections.iter().map(Verification::differing).sum(),
        connections,
    };
    let text = match args.format {
        Format::Json => document(&report)?,
        Format::Table => tables(&report, console.terminal.stdout),
    };
    console.print(&text)?;
    Ok(if report.differing == 0 {
        Exit::DONE
    } else {
        Exit::VALIDATION
    })
}

/// What makes a result mean less than it seems to.
fn note(found: &Verification, sink: &SinkVerification) -> Option<String> {
    let name = &sink.sink;
    if sink.sources.is_none() {
        return Some(format!(
            "sink `{name}` cannot be read back: it was not compared"
        ));
    }
    if sink.caught_up {
        return None;
    }
    let stands = sink.checkpoint.as_ref().map_or_else(
        || "holds nothing yet".to_owned(),
        |checkpoint| format!("stands at {}", position(checkpoint)),
    );
    Some(format!(
        "sink `{name}` {stands}, and the source at {}: rows may differ for that alone; `dozer app run --once` catches up",
        found.lsn
    ))
}

fn tables(report: &Report, width: Option<u16>) -> String {
    let mut counts = Table::new(&[
        "connection",
        "sink",
        "source",
        "rows",
        "missing",
        "extra",
        "different",
    ]);
    let mut rows = Table::new(&[
        "sink",
        "source",
        "row",
        "key",
        "column",
        "in the source",
        "in the sink",
    ]);
    for connection in &report.connections {
        for sink in &connection.sinks {
            for source in sink.sources.iter().flatten() {
                counts.row([
                    connection.connection.clone(),
                    sink.sink.clone(),
                    source.source.clone(),
                    source.rows.to_string(),
                    source.missing.to_string(),
                    source.extra.to_string(),
                    source.different.to_string(),
                ]);
                list(&sink.sink, source, &mut rows);
            }
        }
    }
    [counts, rows]
        .iter()
        .filter(|table| !table.is_empty())
        .map(|table| table.render(width))
        .collect::<Vec<_>>()
        .join("\n")
}

/// A line for each listed row, or for each of its columns that differ.
fn list(sink: &str, source: &Compared, rows: &mut Table) {
    for row in &source.listed {
        let mut line = |column: &str, in_source: &str, in_sink: &str| {
            rows.row([
                sink.to_owned(),
                source.source.clone(),
                kind(row.kind).to_owned(),
                key(row),
                column.to_owned(),
                in_source.to_owned(),
                in_sink.to_owned(),
            ]);
        };
        if row.columns.is_empty() {
            line("", "", "");
        }
        for column in &row.columns {
            line(&column.column, &column.source, &column.sink);
        }
    }
}

fn key(row: &Mismatch) -> String {
    let values: Vec<String> = row
        .key
        .iter()
        .map(|(column, value)| format!("{column} = {value}"))
        .collect();
    values.join(", ")
}

fn kind(kind: MismatchKind) -> &'static str {
    match kind {
        MismatchKind::Missing => "missing",
        MismatchKind::Extra => "extra",
        MismatchKind::Different => "different",
    }
}
