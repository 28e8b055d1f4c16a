//! A directory with a configuration, and commands that run in it.

use std::path::{Path, PathBuf};

use connector_core::registry::Registry;
use serde_json::Value;
use tempfile::TempDir;

use crate::catalog::Catalog;
use crate::ledger::Ledger;
use crate::weather::Weather;

/// What a command printed, and its exit code.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: u8,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// A directory of its own for one test.
#[derive(Debug)]
pub(crate) struct Place(TempDir);

/// The sources of the tests, and the sinks that the command brings along.
pub(crate) fn registry() -> Registry {
    connector_cli::default_registry()
        .connector::<Weather>()
        .connector::<Ledger>()
        .connector::<Catalog>()
}

/// A ledger named `bank` with these settings more, its entries, and a directory of JSON lines.
pub(crate) fn bank(settings: &str) -> String {
    format!(
        "app_name: accounts\n\
         connections:\n\
         \x20 - name: bank\n\
         \x20   config: !Ledger {{ path: ledger.txt{settings} }}\n\
         sources:\n\
         \x20 - {{ name: entries, connection: !Ref bank, table_name: entries }}\n\
         sinks:\n\
         \x20 - name: lines\n\
         \x20   config: !Jsonl {{ path: out }}\n"
    )
}

impl Place {
    /// A place with this configuration and a ledger of two entries.
    pub(crate) fn with(configuration: &str) -> Self {
        let place = Self(TempDir::new().unwrap());
        place.configure(configuration);
        place.write("ledger.txt", "1 alice 100\n2 bob 250\n");
        place
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    pub(crate) fn configure(&self, configuration: &str) {
        self.write("dozer.yaml", configuration);
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.file(name), text).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.file(name)).unwrap()
    }

    pub(crate) fn configuration(&self) -> String {
        self.file("dozer.yaml").display().to_string()
    }

    /// Runs `dozer <command> --config <the configuration>` in this process.
    pub(crate) fn run(&self, command: &str) -> Ran {
        let mut args = vec!["dozer".to_owned()];
        args.extend(command.split_whitespace().map(str::to_owned));
        args.extend(["--config".to_owned(), self.configuration()]);
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let code = connector_cli::execute(args, &registry(), &mut out, &mut err);
        Ran {
            code,
            out: String::from_utf8(out).unwrap(),
            err: String::from_utf8(err).unwrap(),
        }
    }

    /// As [`run`](Self::run), with the machine's paths replaced in what was printed.
    pub(crate) fn told(&self, command: &str) -> Ran {
        let ran = self.run(command);
        let directory = self.path().display().to_string();
        let placed = |text: &str| text.replace(&directory, "DIR");
        Ran {
            out: placed(&ran.out),
            err: placed(&ran.err),
            ..ran
        }
    }
}

impl Ran {
    /// Stdout, which must be one JSON document.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The cells of the line of stdout that begins with these words.
    pub(crate) fn cells(&self, begin: &[&str]) -> Vec<String> {
        let cells = |line: &str| -> Vec<String> {
            line.split("  ")
                .map(str::trim)
                .filter(|cell| !cell.is_empty())
                .map(str::to_owned)
                .collect()
        };
        let line = self.out.lines().map(cells).find(|cells| {
            cells.len() >= begin.len() && begin.iter().zip(cells).all(|(a, b)| a == b)
        });
        line.unwrap_or_else(|| panic!("no line {begin:?} in\n{}", self.out))
    }
}
