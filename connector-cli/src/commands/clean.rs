//! `connector clean`: removes what was set up in the sources.

use connector_core::pipeline::App;
use connector_core::registry::Registry;
use connector_core::{Error, Result};

use super::{chosen, of_connection};
use crate::args::CleanArgs;
use crate::console::Console;
use crate::exit::{self, Exit};
use crate::output::{Changed, ConnectionChanged, ErrorReport};

pub(super) fn run(
    args: &CleanArgs,
    registry: &Registry,
    console: &mut Console<'_>,
) -> Result<Exit> {
    let app = App::load(&args.config.config, registry)?;
    let connections = chosen(&app, args.connection.as_deref())?;
    let _held = app.hold()?;
    if !args.yes {
        let names: Vec<&str> = connections.iter().map(|it| it.name.as_str()).collect();
        let names = names.join("`, `");
        if !console.terminal.stdin || !console.terminal.stderr {
            return Err(Error::config(format!(
                "`connector clean` removes what was set up in `{names}`, and there is no terminal to ask"
            ))
            .with_help("give `--yes` to remove it without asking"));
        }
        let question = format!(
            "Remove everything that was set up in `{names}`? A run needs `dozer migrate` again afterwards."
        );
        if !console.ask(&question) {
            return Err(Error::config("nothing was removed").with_help("answer `y` to remove it"));
        }
    }
    let mut exit = Exit::DONE;
    let mut changed = Changed {
        connections: Vec::new(),
    };
    let mut errors = Vec::new();
    for connection in connections {
        let cleaned = connection.connector.clean();
        let (done, error) = match cleaned.map_err(of_connection(connection)) {
            Ok(done) => (done, None),
            Err(error) => {
                let report = ErrorReport::of(&error);
                errors.push(error);
                (Vec::new(), Some(report))
            }
        };
        changed.connections.push(ConnectionChanged {
            name: connection.name.clone(),
            done,
            error,
        });
    }
    console.print(&changed.text(args.format, "nothing to remove")?)?;
    for error in errors {
        console.error(&error);
        exit = exit.or(exit::of(error.kind()));
    }
    Ok(exit)
}
