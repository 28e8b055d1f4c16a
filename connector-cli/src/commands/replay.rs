//! `app replay`: writes rejected rows that fit now into the sinks.

use connector_core::Result;
use connector_core::pipeline::{App, Replayed};
use connector_core::registry::Registry;
use serde::Serialize;

use super::chosen;
use crate::args::{Format, ListArgs};
use crate::console::Console;
use crate::exit::Exit;
use crate::log::Level;
use crate::output::{Table, document};

/// Rows that stay are told one by one up to so many for each connection; all are in the dead-letter file.
const KEPT_TOLD: usize = 10;

#[derive(Serialize)]
struct ReplaySummary {
    connections: Vec<Replayed>,
}

pub(super) fn run(args: &ListArgs, registry: &Registry, console: &mut Console<'_>) -> Result<Exit> {
    let app = App::load(&args.config.config, registry)?;
    let held = app.hold()?;
    let mut summary = ReplaySummary {
        connections: Vec::new(),
    };
    let chosen = chosen(&app, args.connection.as_deref())?;
    for connection in chosen.into_iter().filter(|it| !it.tables.is_empty()) {
        let replayed = held.replay(connection)?;
        for row in replayed.kept.iter().take(KEPT_TOLD) {
            let place = if row.source.is_empty() {
                String::new()
            } else {
                format!(
                    "the row of source `{}` at position ({}, {}) stays: ",
                    row.source, row.lsn, row.seq
                )
            };
            let message = format!("{place}{}", row.reason);
            console.log(Level::Warn, Some(&connection.name), &message);
        }
        summary.connections.push(replayed);
    }
    let text = match args.format {
        Format::Json => document(&summary)?,
        Format::Table => table(&summary).render(console.terminal.stdout),
    };
    console.print(&text)?;
    let kept = summary.connections.iter().any(|it| !it.kept.is_empty());
    Ok(if kept { Exit::VALUE } else { Exit::DONE })
}

fn table(summary: &ReplaySummary) -> Table {
    let mut table = Table::new(&["connection", "replayed", "superseded", "ahead", "kept"]);
    for it in &summary.connections {
        table.row([
            it.connection.clone(),
            it.replayed.to_string(),
            it.superseded.to_string(),
            it.ahead.to_string(),
            it.kept.len().to_string(),
        ]);
    }
    table
}
