//! `connector types`: the connectors and sinks of this program, with their settings.

use connector_core::registry::{Entry, Registry};
use connector_core::{ConfigKey, Result};
use serde::Serialize;
use serde_json::Value;

use super::file_schema::file_schema;
use crate::args::{Format, TypesArgs};
use crate::console::Console;
use crate::exit::Exit;
use crate::output::{Table, document, yes_no};

#[derive(Serialize)]
struct Types {
    connectors: Vec<Described>,
    sinks: Vec<Described>,
    /// The JSON Schema of a configuration file.
    file: Value,
}

#[derive(Serialize)]
struct Described {
    tag: String,
    description: &'static str,
    /// Keys whose values are never printed.
    secrets: Vec<&'static str>,
    schema: Value,
}

pub(super) fn run(
    args: &TypesArgs,
    registry: &Registry,
    console: &mut Console<'_>,
) -> Result<Exit> {
    let text = match args.format {
        Format::Json => document(&Types {
            connectors: registry.connectors().map(described).collect(),
            sinks: registry.sinks().map(described).collect(),
            file: file_schema(registry),
        })?,
        Format::Table => tables(registry, console.terminal.stdout),
    };
    console.print(&text)?;
    Ok(Exit::DONE)
}

fn described<T: ?Sized>(entry: &Entry<T>) -> Described {
    let secrets = entry.keys.iter().filter(|key| key.secret);
    Described {
        tag: format!("!{}", entry.tag),
        description: entry.description,
        secrets: secrets.map(|key| key.name).collect(),
        schema: entry.json_schema.clone(),
    }
}

fn tables(registry: &Registry, width: Option<u16>) -> String {
    let mut types = Table::new(&["kind", "tag", "description"]);
    let mut keys = Table::new(&[
        "kind",
        "tag",
        "key",
        "type",
        "required",
        "secret",
        "description",
    ]);
    for entry in registry.connectors() {
        add("connector", entry, &mut types, &mut keys);
    }
    for entry in registry.sinks() {
        add("sink", entry, &mut types, &mut keys);
    }
    let mut text = types.render(width);
    if !keys.is_empty() {
        text.push('\n');
        text.push_str(&keys.render(width));
    }
    text
}

fn add<T: ?Sized>(kind: &str, entry: &Entry<T>, types: &mut Table, keys: &mut Table) {
    let tag = format!("!{}", entry.tag);
    types.row([kind.to_owned(), tag.clone(), entry.description.to_owned()]);
    for key in &entry.keys {
        keys.row([
            kind.to_owned(),
            tag.clone(),
            key.name.to_owned(),
            type_of(key),
            yes_no(key.required).to_owned(),
            yes_no(key.secret).to_owned(),
            key.description.to_owned(),
        ]);
    }
}

/// The type of a key's value, in a word.
fn type_of(key: &ConfigKey) -> String {
    let word = |schema: &Value| {
        schema
            .get("type")
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    match word(&key.schema).as_deref() {
        Some("array") => {
            let items = key.schema.get("items").and_then(word);
            format!("list of {}", items.unwrap_or_else(|| "values".to_owned()))
        }
        Some(typ) => typ.to_owned(),
        None => "one of several".to_owned(),
    }
}
