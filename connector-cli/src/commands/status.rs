//! `app status`: how far each connection has come.

use connector_core::pipeline::{App, AppConnection};
use connector_core::registry::Registry;
use connector_core::{Checkpoint, ErrorKind, Phase, Result};
use serde::Serialize;

use super::{chosen, of_connection};
use crate::args::{Format, ListArgs};
use crate::console::Console;
use crate::exit::{self, Exit};
use crate::output::{ErrorReport, Table, document, position};

#[derive(Serialize)]
struct Status {
    connections: Vec<ConnectionStatus>,
}

#[derive(Serialize)]
struct ConnectionStatus {
    name: String,
    sources: Vec<String>,
    /// Whether a run of the application goes on.
    running: bool,
    checkpoint: Option<Checkpoint>,
    /// The position that the source has reached, where it tells.
    source_position: Option<u64>,
    /// How far the checkpoint is behind, in units of the position.
    lag: Option<u64>,
    /// How many bytes the source keeps because they are not stored yet, where it tells.
    retained_bytes: Option<u64>,
    error: Option<ErrorReport>,
}

pub(super) fn run(args: &ListArgs, registry: &Registry, console: &mut Console<'_>) -> Result<Exit> {
    let app = App::load(&args.config.config, registry)?;
    let running = app.is_running()?;
    let mut exit = Exit::DONE;
    let mut connections = Vec::new();
    for connection in chosen(&app, args.connection.as_deref())? {
        let mut status = ConnectionStatus {
            name: connection.name.clone(),
            sources: connection.tables.iter().map(|it| it.name.clone()).collect(),
            running,
            checkpoint: None,
            source_position: None,
            lag: None,
            retained_bytes: None,
            error: None,
        };
        if let Err(error) = fill(&app, connection, &mut status) {
            console.error(&error);
            exit = exit.or(exit::of(error.kind()));
            status.error = Some(ErrorReport::of(&error));
        }
        connections.push(status);
    }
    let status = Status { connections };
    let text = match args.format {
        Format::Json => document(&status)?,
        Format::Table => table(&status).render(console.terminal.stdout),
    };
    console.print(&text)?;
    Ok(exit)
}

fn fill(app: &App, connection: &AppConnection, status: &mut ConnectionStatus) -> Result<()> {
    if connection.tables.is_empty() {
        status.source_position = position_of(connection)?;
        return Ok(());
    }
    match app.stored(connection) {
        Ok(checkpoint) => status.checkpoint = checkpoint,
        // Some sinks are the run's alone.
        Err(error) if error.kind() == ErrorKind::InUse && status.running => {}
        Err(error) => return Err(error),
    }
    status.source_position = position_of(connection)?;
    let retained = connection.connector.retained_bytes();
    status.retained_bytes = retained.map_err(of_connection(connection))?;
    let stored = (status.checkpoint.as_ref()).filter(|it| it.phase == Phase::Changes);
    // A run moves the source on behind what was just read, and tells by itself what it has lost.
    if let Some(stored) = stored.filter(|_| !status.running) {
        let kept = connection.connector.check_position(stored);
        kept.map_err(of_connection(connection))?;
    }
    status.lag = status
        .checkpoint
        .as_ref()
        .filter(|stored| stored.phase == Phase::Changes)
        .zip(status.source_position)
        .map(|(stored, now)| now.saturating_sub(stored.lsn));
    Ok(())
}

fn position_of(connection: &AppConnection) -> Result<Option<u64>> {
    let position = connection.connector.current_position();
    position.map_err(of_connection(connection))
}

/// Bytes with their unit: the lag beside them counts in the source's own.
fn bytes(value: u64) -> String {
    format!("{value}B")
}

fn table(status: &Status) -> Table {
    let mut table = Table::new(&[
        "connection",
        "sources",
        "state",
        "checkpoint",
        "source",
        "lag",
        "retained",
    ]);
    let number = |value: Option<u64>| value.map_or_else(String::new, |value| value.to_string());
    for it in &status.connections {
        let state = match it {
            ConnectionStatus {
                error: Some(error), ..
            } if error.is(ErrorKind::PositionLost) => "position lost",
            ConnectionStatus { error: Some(_), .. } => "failed",
            ConnectionStatus { sources, .. } if sources.is_empty() => "no sources",
            ConnectionStatus { running: true, .. } => "running",
            ConnectionStatus {
                checkpoint: None, ..
            } => "not started",
            ConnectionStatus {
                checkpoint: Some(_),
                ..
            } => "stopped",
        };
        table.row([
            it.name.clone(),
            it.sources.join(", "),
            state.to_owned(),
            it.checkpoint.as_ref().map_or_else(String::new, position),
            number(it.source_position),
            number(it.lag),
            it.retained_bytes.map_or_else(String::new, bytes),
        ]);
    }
    table
}
