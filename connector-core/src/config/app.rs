//! The configuration file of an application: connections, sources and sinks.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::bytes::ByteSize;
use super::deserialize::read;
use super::environment::substitute;
use super::node::{Node, Origin, Position};
use super::parse::parse;
use super::path::ConfigPath;
use super::period::Period;
use super::spanned::{Ref, Spanned};
use super::tagged::TaggedNode;
use crate::RetryPolicy;
use crate::columns::OnMisfit;
use crate::ingest::OnSchemaChange;
use crate::pipeline::OnFailure;
use crate::suggest::{did_you_mean, list};
use crate::{Error, Result};

/// What one configuration file says.
#[derive(Debug, Clone)]
pub struct AppConfig {
    /// The application's name: a letter, then letters, digits, `_` and `-`, so that files, slots and tables can
    /// be named after it.
    pub app_name: String,
    /// The systems that rows come from.
    pub connections: Vec<ConnectionConfig>,
    /// The tables that are read.
    pub sources: Vec<SourceConfig>,
    /// Where rows go.
    pub sinks: Vec<SinkConfig>,
    /// The lock file of the schemas; `dozer.lock` beside the configuration unless set.
    pub lock: PathBuf,
    /// The directory for positions and other state, where set.
    pub state: Option<PathBuf>,
    /// The bound on buffered rows, where set.
    pub memory: Option<ByteSize>,
    /// How often what breaks off is tried again.
    pub retry: RetryPolicy,
    /// What happens to the other connections when one fails for good.
    pub on_failure: OnFailure,
}

/// One system that rows come from.
#[derive(Debug, Clone)]
pub struct ConnectionConfig {
    /// What sources call it; unique, ignoring case.
    pub name: String,
    /// The connector's settings under the connector's tag.
    pub config: TaggedNode,
}

/// One table that is read.
#[derive(Debug, Clone)]
pub struct SourceConfig {
    /// What the rest of the application calls it; unique, ignoring case.
    pub name: String,
    /// The name of its connection, which exists.
    pub connection: String,
    /// The table's name in the external system.
    pub table_name: String,
    /// The table's schema in the external system, where it has schemas.
    pub schema: Option<String>,
    /// The columns to read, each once; empty means all.
    pub columns: Vec<String>,
    /// What happens to a value that does not fit its column.
    pub on_misfit: OnMisfit,
    /// What happens when a column is added to the table, where it is said.
    pub schema_change: Option<OnSchemaChange>,
}

/// One place where rows go.
#[derive(Debug, Clone)]
pub struct SinkConfig {
    /// Its name; unique, ignoring case.
    pub name: String,
    /// The sink's settings under the sink's tag.
    pub config: TaggedNode,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AppEntry {
    app_name: Spanned<String>,
    connections: Vec<NamedEntry>,
    #[serde(default)]
    sources: Vec<SourceEntry>,
    #[serde(default)]
    sinks: Vec<NamedEntry>,
    lock: Option<ConfigPath>,
    state: Option<ConfigPath>,
    memory: Option<ByteSize>,
    #[serde(default)]
    retry: RetryEntry,
    #[serde(default)]
    on_failure: OnFailure,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct RetryEntry {
    first_wait: Option<Period>,
    longest_wait: Option<Period>,
    give_up_after: Option<Period>,
    max_attempts: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NamedEntry {
    name: Spanned<String>,
    #[serde(rename = "config")]
    _config: IgnoredAny,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SourceEntry {
    name: Spanned<String>,
    connection: Ref,
    table_name: Spanned<String>,
    schema: Option<String>,
    #[serde(default)]
    columns: Vec<Spanned<String>>,
    #[serde(default)]
    on_misfit: OnMisfit,
    schema_change: Option<Spanned<OnSchemaChange>>,
}

impl AppConfig {
    /// Reads a configuration file; `${NAME}` comes from the environment of this process.
    ///
    /// # Errors
    /// Names the file and, where there is one, the line, the column and the key to change.
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let file = path.display().to_string();
        let bytes = std::fs::read(path).map_err(|error| unreadable(&file, &error))?;
        let text = String::from_utf8(bytes).map_err(|error| {
            let valid = error.as_bytes().get(..error.utf8_error().valid_up_to());
            let line = valid
                .unwrap_or_default()
                .split(|byte| *byte == b'\n')
                .count();
            Error::config("the file is not UTF-8 text")
                .with_context(format!("{file}:{line}"))
                .with_help("save it as UTF-8")
        })?;
        let base_dir = path.parent().unwrap_or(Path::new(""));
        Self::parse(&text, &file, base_dir, |name| std::env::var(name).ok())
    }

    /// Reads the text of a configuration. `file` is its name in messages, relative paths start at `base_dir`, and
    /// `environment` gives the values of `${NAME}`.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn parse(
        text: &str,
        file: &str,
        base_dir: impl AsRef<Path>,
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<Self> {
        let base_dir = base_dir.as_ref().to_path_buf();
        let origin = Arc::new(Origin {
            file: file.into(),
            base_dir,
        });
        let mut root = parse(text, &origin)?;
        substitute(&mut root, &origin, &environment)?;
        if let Some(tag) = &root.tag {
            let message = format!("unexpected tag `!{tag}`");
            return Err(origin
                .error(root.position, "", message)
                .with_help("remove the tag"));
        }
        let entry: AppEntry = read(&root, &origin, "")?;
        entry.checked(&root, &origin)
    }

    /// The connection that a source names.
    pub fn connection(&self, name: &str) -> Option<&ConnectionConfig> {
        self.connections
            .iter()
            .find(|connection| connection.name == name)
    }
}

fn unreadable(file: &str, error: &std::io::Error) -> Error {
    if error.kind() == std::io::ErrorKind::NotFound {
        return Error::config(format!("there is no configuration file `{file}`"))
            .with_help("write one, or give the path of another");
    }
    Error::config(format!(
        "cannot read the configuration file `{file}`: {error}"
    ))
}

impl AppEntry {
    fn checked(self, root: &Node, origin: &Arc<Origin>) -> Result<AppConfig> {
        check_app_name(&self.app_name, origin)?;
        unique(
            self.connections.iter().map(|entry| &entry.name),
            "connection",
            origin,
        )?;
        unique(
            self.sources.iter().map(|entry| &entry.name),
            "source",
            origin,
        )?;
        unique(self.sinks.iter().map(|entry| &entry.name), "sink", origin)?;
        let names: Vec<&Spanned<String>> =
            self.connections.iter().map(|entry| &entry.name).collect();
        for (index, source) in self.sources.iter().enumerate() {
            source.check(index, &names, origin)?;
        }
        let lock = self.lock.map(ConfigPath::into_path_buf);
        Ok(AppConfig {
            app_name: self.app_name.into_inner(),
            connections: settings(root, "connections", self.connections, origin)
                .map(|(name, config)| ConnectionConfig { name, config })
                .collect(),
            sources: self
                .sources
                .into_iter()
                .map(SourceEntry::into_config)
                .collect(),
            sinks: settings(root, "sinks", self.sinks, origin)
                .map(|(name, config)| SinkConfig { name, config })
                .collect(),
            lock: lock.unwrap_or_else(|| origin.base_dir.join("dozer.lock")),
            state: self.state.map(ConfigPath::into_path_buf),
            memory: self.memory,
            retry: self.retry.policy(),
            on_failure: self.on_failure,
        })
    }
}

impl RetryEntry {
    fn policy(&self) -> RetryPolicy {
        let usual = RetryPolicy::default();
        RetryPolicy {
            first_wait: (self.first_wait).map_or(usual.first_wait, Period::duration),
            longest_wait: (self.longest_wait).map_or(usual.longest_wait, Period::duration),
            give_up_after: (self.give_up_after).map_or(usual.give_up_after, Period::duration),
            max_attempts: self.max_attempts,
        }
    }
}

impl SourceEntry {
    fn check(&self, index: usize, known: &[&Spanned<String>], origin: &Origin) -> Result<()> {
        let reference = self.connection.name();
        if !known.iter().any(|name| name.as_str() == reference.as_str()) {
            let shown: Vec<&str> = known
                .iter()
                .filter(|name| !name.is_hidden())
                .map(|name| name.as_str())
                .collect();
            let help = if reference.is_hidden() {
                list(&shown)
            } else {
                did_you_mean(reference, shown)
            };
            let path = format!("sources[{index}].connection");
            let message = format!("unknown connection {}", reference.shown());
            return Err(error_at(reference, &path, message, origin).with_help(help));
        }
        if self.table_name.is_empty() {
            let path = format!("sources[{index}].table_name");
            return Err(error_at(
                &self.table_name,
                &path,
                "the table's name is empty",
                origin,
            ));
        }
        if let Some(said) = &self.schema_change
            && **said == OnSchemaChange::Evolve
            && !self.columns.is_empty()
        {
            let path = format!("sources[{index}].schema_change");
            let message =
                "`evolve` takes on every column that is added, and `columns` chooses them";
            return Err(error_at(said, &path, message, origin)
                .with_help("remove `columns` to read all of them, or `schema_change`"));
        }
        let mut seen = HashMap::new();
        for (at, column) in self.columns.iter().enumerate() {
            let path = format!("sources[{index}].columns[{at}]");
            if column.is_empty() {
                return Err(error_at(
                    column,
                    &path,
                    "the column's name is empty",
                    origin,
                ));
            }
            if let Some(first) = seen.insert(column.as_str(), column) {
                let message = format!(
                    "duplicate column {}, first {}",
                    column.shown(),
                    line_of(first)
                );
                return Err(error_at(column, &path, message, origin).with_help("remove one"));
            }
        }
        Ok(())
    }

    fn into_config(self) -> SourceConfig {
        SourceConfig {
            name: self.name.into_inner(),
            connection: self.connection.name().to_string(),
            table_name: self.table_name.into_inner(),
            schema: self.schema,
            columns: self.columns.into_iter().map(Spanned::into_inner).collect(),
            on_misfit: self.on_misfit,
            schema_change: self.schema_change.map(Spanned::into_inner),
        }
    }
}

/// The names of a list with the untyped settings beside them; the shape of both has been checked.
fn settings<'a>(
    root: &'a Node,
    key: &'static str,
    entries: Vec<NamedEntry>,
    origin: &'a Arc<Origin>,
) -> impl Iterator<Item = (String, TaggedNode)> + 'a {
    let items = root.get(key).map(Node::items).unwrap_or_default();
    entries
        .into_iter()
        .zip(items)
        .enumerate()
        .filter_map(move |(index, (entry, item))| {
            let node = item.get("config")?.clone();
            let path = format!("{key}[{index}].config");
            Some((
                entry.name.into_inner(),
                TaggedNode::new(node, Arc::clone(origin), path),
            ))
        })
}

fn check_app_name(name: &Spanned<String>, origin: &Origin) -> Result<()> {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(fits) {
        return Ok(());
    }
    let message = format!("{} cannot name an application", name.shown());
    Err(error_at(name, "app_name", message, origin)
        .with_help("use a letter, then letters, digits, `_` and `-`"))
}

fn unique<'a>(
    names: impl Iterator<Item = &'a Spanned<String>>,
    kind: &str,
    origin: &Origin,
) -> Result<()> {
    let mut seen: HashMap<String, &Spanned<String>> = HashMap::new();
    for (index, name) in names.enumerate() {
        let path = format!("{kind}s[{index}].name");
        if name.trim().is_empty() {
            return Err(error_at(
                name,
                &path,
                format!("the {kind}'s name is empty"),
                origin,
            ));
        }
        if let Some(first) = seen.insert(name.to_lowercase(), name) {
            let message = format!(
                "duplicate {kind} {}, first {}",
                name.shown(),
                line_of(first)
            );
            return Err(error_at(name, &path, message, origin)
                .with_help("give each its own name; case does not make a difference"));
        }
    }
    Ok(())
}

fn line_of(value: &Spanned<String>) -> String {
    value
        .position()
        .map_or_else(|| "elsewhere".into(), |at| format!("on line {}", at.line))
}

fn error_at<T>(
    value: &Spanned<T>,
    path: &str,
    message: impl Into<String>,
    origin: &Origin,
) -> Error {
    let start = Position { line: 1, column: 1 };
    origin.error(value.position().unwrap_or(start), path, message)
}
