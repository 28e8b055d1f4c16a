//! `app reset`: forgets the position of one connection.

use connector_core::Result;
use connector_core::pipeline::App;
use connector_core::registry::Registry;

use super::chosen;
use crate::args::ResetArgs;
use crate::console::Console;
use crate::exit::Exit;
use crate::output::{Changed, ConnectionChanged};

pub(super) fn run(
    args: &ResetArgs,
    registry: &Registry,
    console: &mut Console<'_>,
) -> Result<Exit> {
    let app = App::load(&args.config.config, registry)?;
    let mut changed = Changed {
        connections: Vec::new(),
    };
    for connection in chosen(&app, Some(&args.connection))? {
        app.reset(connection)?;
        changed.connections.push(ConnectionChanged {
            name: connection.name.clone(),
            done: vec!["the position is forgotten; the next run takes a new snapshot".to_owned()],
            error: None,
        });
    }
    console.print(&changed.text(args.format, "")?)?;
    Ok(Exit::DONE)
}
