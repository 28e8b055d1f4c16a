//! What the tests share: a directory of their own, the command and `sqlite3` as processes, comparing tables.

mod environment;
mod lines;
mod process;
mod random;
mod shell;

pub(crate) use environment::{Seed, from_environment};
pub(crate) use lines::{Bag, Line, Lines, bag, rows_of};
pub(crate) use process::{Ran, Running, until};
pub(crate) use random::Random;
pub(crate) use shell::{Writer, ask, dump, json_rows, sqlite};

use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// A directory of its own for one test.
#[derive(Debug)]
pub(crate) struct Place(TempDir);

impl Place {
    pub(crate) fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    /// A place with this configuration.
    pub(crate) fn with(configuration: &str) -> Self {
        let place = Self::new();
        place.write("dozer.yaml", configuration);
        place
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.file(name), text).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.file(name))
            .unwrap_or_else(|error| panic!("`{name}` cannot be read: {error}"))
    }

    /// The names of the files in a directory of this place, sorted.
    pub(crate) fn files(&self, directory: &str) -> Vec<String> {
        let entries = std::fs::read_dir(self.file(directory)).unwrap();
        let name = |entry: std::io::Result<std::fs::DirEntry>| {
            entry.unwrap().file_name().into_string().unwrap()
        };
        let mut names: Vec<String> = entries.map(name).collect();
        names.sort();
        names
    }

    /// Runs SQL on a database of this place by `sqlite3`.
    pub(crate) fn sqlite(&self, database: &str, sql: &str) -> String {
        sqlite(&self.file(database), sql)
    }

    /// Starts `dozer <arguments>` on the configuration of this place.
    pub(crate) fn start(&self, arguments: &str) -> Running {
        self.start_with(arguments, &[])
    }

    /// As [`start`](Self::start), with these variables in its environment.
    pub(crate) fn start_with(&self, arguments: &str, variables: &[(&str, &str)]) -> Running {
        Running::start(self.path(), arguments, variables)
    }

    /// Runs `dozer <arguments>` on the configuration of this place to its end.
    pub(crate) fn run(&self, arguments: &str) -> Ran {
        self.start(arguments).finish(self.path())
    }

    /// As [`run`](Self::run), which must end with 0.
    pub(crate) fn done(&self, arguments: &str) -> Ran {
        let ran = self.run(arguments);
        assert_eq!(ran.code, Some(0), "`dozer {arguments}`: {ran}");
        ran
    }
}

/// A configuration of one SQLite connection `shop` on `source.db` with these settings more, a source for each table, and
/// these sinks.
pub(crate) fn shop(settings: &str, sources: &[&str], sinks: &str) -> String {
    let source = |source: &&str| {
        let rest = source.split_once(',').map_or("", |(_, rest)| rest);
        let name = source.split(',').next().unwrap_or_default();
        let comma = if rest.is_empty() { "" } else { "," };
        format!("  - {{ name: {name}, connection: !Ref shop, table_name: {name}{comma}{rest} }}\n")
    };
    format!(
        "app_name: shop\n\
         connections:\n\
         \x20 - name: shop\n\
         \x20   config: !Sqlite {{ path: source.db{settings} }}\n\
         sources:\n\
         {}\
         sinks:\n\
         {sinks}",
        sources.iter().map(source).collect::<String>()
    )
}

pub(crate) const JSONL: &str = "  - { name: lines, config: !Jsonl { path: out } }\n";
pub(crate) const BOTH: &str = "  - { name: lines, config: !Jsonl { path: out } }\n  \
     - { name: copy, config: !Sqlite { path: copy.db } }\n";
