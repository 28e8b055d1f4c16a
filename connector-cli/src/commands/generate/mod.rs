//! `connector generate`: row structs for the tables of a connection, or whether those of a file still match.

mod file;
mod report;

use std::path::Path;

use connector_core::pipeline::{App, AppConnection};
use connector_core::registry::Registry;
use connector_core::{Error, Result, TableInfo, suggest};

use self::report::{Checked, Generated};
use super::{chosen, of_connection};
use crate::args::{Format, GenerateArgs};
use crate::console::Console;
use crate::exit::Exit;
use crate::log::Level;
use crate::output::document;
use crate::rows::differences::differences;
use crate::rows::plan::{Planned, plan};
use crate::rows::text;

pub(super) fn run(
    args: &GenerateArgs,
    registry: &Registry,
    console: &mut Console<'_>,
) -> Result<Exit> {
    let types = args.types.as_deref().map(types).transpose()?;
    let app = App::load(&args.config.config, registry)?;
    let connection = the_one(&app, args.connection.as_deref())?;
    let tables = tables(connection, &args.tables).map_err(of_connection(connection))?;
    let planned = plan(&tables);
    let types = match types {
        Some(chosen) => chosen,
        None => connection.connector.column_types().map(str::to_owned),
    };
    let code = text::file(&connection.name, &planned, types.as_deref());
    match &args.output {
        Some(path) if args.check => check(path, connection, &code, args.format, console),
        path => {
            let crates = text::crates(&planned, types.as_deref());
            tell(connection, &planned, console);
            let written = match path {
                Some(path) => Some(write(path, connection, &code, args.force)?),
                None => None,
            };
            let generated = Generated::of(connection, path.as_deref(), written, &planned, &crates);
            console.print(&match (args.format, path) {
                (Format::Json, _) => document(&generated.with_code(&code))?,
                (Format::Table, None) => code,
                (Format::Table, Some(_)) => generated.table(console.terminal.stdout),
            })?;
            if !crates.is_empty() {
                let crates: Vec<&str> = crates.iter().map(String::as_str).collect();
                let needs = format!(
                    "the generated code needs these crates in Cargo.toml: {}",
                    crates.join(", ")
                );
                console.log(Level::Info, None, &needs);
            }
            Ok(Exit::DONE)
        }
    }
}

/// What `--types` says: a path, or that there is to be none.
fn types(given: &str) -> Result<Option<String>> {
    if given == "none" {
        return Ok(None);
    }
    match syn::parse_str::<syn::Path>(given) {
        Ok(_) => Ok(Some(given.to_owned())),
        Err(_) => Err(
            Error::config(format!("`{given}` is not the path of a Rust type")).with_help(
                "write the path of the enum that derives `ColumnTypes`, such as `connector_sqlite::SqliteType`, or `none`",
            ),
        ),
    }
}

/// The connection that is named, or the only one.
fn the_one<'a>(app: &'a App, name: Option<&str>) -> Result<&'a AppConnection> {
    let found = chosen(app, name)?;
    match found.as_slice() {
        [connection] => Ok(connection),
        [] => Err(Error::config("the configuration has no connections")
            .with_help("add one under `connections`")),
        several => {
            let names: Vec<&str> = several.iter().map(|it| it.name.as_str()).collect();
            Err(
                Error::config("the configuration has several connections").with_help(format!(
                    "choose one by `--connection`: `{}`",
                    names.join("`, `")
                )),
            )
        }
    }
}

/// The tables of these names, or all.
fn tables(connection: &AppConnection, names: &[String]) -> Result<Vec<TableInfo>> {
    let all = connection.connector.get_tables(None)?;
    if names.is_empty() {
        return Ok(all);
    }
    let is = |table: &TableInfo, name: &str| table.table_name == name || table.full_name() == name;
    if let Some(name) = names
        .iter()
        .find(|name| !all.iter().any(|table| is(table, name)))
    {
        let full_names: Vec<String> = all.iter().map(TableInfo::full_name).collect();
        let known = all.iter().map(|table| table.table_name.as_str());
        let near = suggest(name, known.chain(full_names.iter().map(String::as_str)));
        let error = Error::config(format!("there is no table `{name}`"));
        return Err(match near {
            Some(near) => error.with_help(format!("did you mean `{near}`?")),
            None => error.with_help("`connector ls` lists the tables"),
        });
    }
    let is_chosen = |table: &TableInfo| names.iter().any(|name| is(table, name));
    Ok(all.into_iter().filter(is_chosen).collect())
}

/// Warns of what the generated code leaves out.
fn tell(connection: &AppConnection, planned: &[Planned], console: &mut Console<'_>) {
    let mut warn = |message: &str| console.log(Level::Warn, Some(&connection.name), message);
    for table in planned {
        let name = &table.full_name;
        match &table.row {
            Err(left_out) => warn(&format!("table `{name}` is left out: {}", left_out.reason)),
            Ok(row) => {
                if let Some(why) = &row.no_key {
                    warn(&format!(
                        "table `{name}`: its struct has no primary key: {why}"
                    ));
                }
                for column in row.left_out() {
                    let (column, why) = (&column.name, &column.reason);
                    warn(&format!(
                        "table `{name}`: column `{column}` is left out: {why}"
                    ));
                }
            }
        }
    }
}

/// Writes the file where it differs, and says whether it did.
fn write(path: &Path, connection: &AppConnection, code: &str, force: bool) -> Result<bool> {
    let before = file::read(path)?;
    if let Some(before) = &before
        && !force
    {
        file::may_replace(path, before, &connection.name)?;
    }
    let differs = before.as_deref() != Some(code);
    if differs {
        file::write(path, code)?;
    }
    Ok(differs)
}

fn check(
    path: &Path,
    connection: &AppConnection,
    code: &str,
    format: Format,
    console: &mut Console<'_>,
) -> Result<Exit> {
    let Some(written) = file::read(path)? else {
        let error = Error::config(format!("there is no file `{}`", path.display()));
        return Err(error.with_help("generate it: the same command without `--check`"));
    };
    file::was_generated(path, &written)?;
    let checked = Checked {
        connection: connection.name.clone(),
        path: path.display().to_string(),
        differences: differences(&written, code),
    };
    console.print(&match format {
        Format::Json => document(&checked)?,
        Format::Table => checked.table(console.terminal.stdout),
    })?;
    Ok(if checked.differences.is_empty() {
        Exit::DONE
    } else {
        Exit::DRIFT
    })
}
