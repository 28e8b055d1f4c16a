//! `app reset`: forgets the position of one connection.

use connector_core::Result;
use connector_core::pipeline::App;
use connector_core::registry::Registry;

use super::chosen;
use crate::args::ResetArgs;
use crate::console::Console;
use crate::exit::Exit;

pub(super) fn run(
    args: &ResetArgs,
    registry: &Registry,
    console: &mut Console<'_>,
) -> Result<Exit> {
    let app = App::load(&args.config.config, registry)?;
    for connection in chosen(&app, Some(&args.connection))? {
        app.reset(connection)?;
        console.print(&format!(
            "{}: the position is forgotten; the next run takes a new snapshot\n",
            connection.name
        ))?;
    }
    Ok(Exit::DONE)
}
