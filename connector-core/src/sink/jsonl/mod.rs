//! `!Jsonl`: one file of JSON lines for each source, and a state file beside them.

mod files;

use serde::{Deserialize, Serialize};

pub use files::safe as file_safe;

use self::files::OutputFiles;
use super::json::{Encoder, FormatKeys, FormatName, JsonFormat};
use super::{Delivery, Sink, SinkConfig, SinkTarget, StateFile};
use crate::checkpoint::{Checkpoint, Phase};
use crate::columns::Batch;
use crate::config::{ConfigKey, ConfigPath, ConnectorConfig};
use crate::error::{Error, Result};
use crate::failpoint;

/// The settings of the sink that writes one file of JSON lines for each source.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Jsonl {
    /// The directory; it is made if it does not exist.
    path: ConfigPath,
    #[serde(default)]
    format: FormatName,
    #[serde(default)]
    keys: bool,
    #[serde(default)]
    schemas: bool,
    #[serde(default)]
    tombstones: bool,
}

impl Jsonl {
    /// Writes into this directory.
    pub fn new(path: impl Into<std::path::PathBuf>) -> Self {
        Self {
            path: ConfigPath::new(path),
            format: FormatName::Lines,
            keys: false,
            schemas: false,
            tombstones: false,
        }
    }

    /// Writes lines of this form.
    #[must_use]
    pub fn with_format(self, format: JsonFormat) -> Self {
        let FormatKeys {
            format,
            keys,
            schemas,
            tombstones,
        } = format.into();
        Self {
            format,
            keys,
            schemas,
            tombstones,
            ..self
        }
    }

    fn format_keys(&self) -> FormatKeys {
        FormatKeys {
            format: self.format,
            keys: self.keys,
            schemas: self.schemas,
            tombstones: self.tombstones,
        }
    }
}

impl ConnectorConfig for Jsonl {
    const NAME: &'static str = "jsonl";
    const DESCRIPTION: &'static str = "Writes one file of JSON lines for each source.";

    fn keys() -> Vec<ConfigKey> {
        let path = ConfigKey::of::<ConfigPath>(
            "path",
            "The directory; it is made if it does not exist.",
            true,
        );
        std::iter::once(path)
            .chain(FormatKeys::described())
            .collect()
    }
}

impl SinkConfig for Jsonl {
    fn sink(&self) -> Result<Box<dyn Sink>> {
        self.format_keys().format()?;
        Ok(Box::new(JsonlSink::new(self.clone())))
    }
}

/// The sink that writes one file of JSON lines for each source.
///
/// The state file holds the checkpoint and the length of each file up to it: what is longer was torn off by a broken
/// run, and is cut when the sink is opened. A snapshot is written beside, and takes the place of the old lines when
/// it is complete.
#[derive(Debug)]
pub struct JsonlSink {
    settings: Jsonl,
    opened: Option<Opened>,
}

#[derive(Debug)]
struct Opened {
    state_file: StateFile,
    files: OutputFiles,
    encoders: Vec<Encoder>,
    /// The form of the lines, as the state file names it.
    format: String,
    in_snapshot: bool,
    buffer: Vec<u8>,
}

/// What the state file holds.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct State {
    checkpoint: Checkpoint,
    /// The length of each file up to the checkpoint, in bytes, by file name.
    lengths: std::collections::BTreeMap<String, u64>,
    /// The files of a snapshot that is complete, which have yet to take their place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    replacing: Vec<String>,
    /// The form of the lines; files of earlier releases, which do not say it, hold the plain form.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    format: String,
}

impl JsonlSink {
    /// A sink with these settings.
    pub fn new(settings: Jsonl) -> Self {
        Self {
            settings,
            opened: None,
        }
    }

    fn opened(&mut self) -> Result<&mut Opened> {
        self.opened
            .as_mut()
            .ok_or_else(|| Error::protocol("the `!Jsonl` sink was used before it was opened"))
    }
}

impl Sink for JsonlSink {
    fn open(&mut self, target: &SinkTarget) -> Result<Option<Checkpoint>> {
        self.opened = None;
        failpoint::pass("jsonl.open.before")?;
        let directory = self.settings.path.as_path();
        let names = target
            .schemas
            .iter()
            .map(|schema| files::file_name(&schema.name));
        let mut files = OutputFiles::open(directory, &target.connection, names)?;
        let state_file = StateFile::new(
            directory.join(files::state_name(&target.connection)),
            target,
        );
        let state: Option<State> = state_file.read()?;
        let state = match state {
            Some(mut state) if !state.replacing.is_empty() => {
                files.finish_replacing(&state.replacing)?;
                state.replacing.clear();
                state_file.write(&state)?;
                Some(state)
            }
            state => state,
        };
        if state.is_none() {
            files.refuse_foreign()?;
        }
        let following = state
            .as_ref()
            .filter(|state| state.checkpoint.phase == Phase::Changes);
        files.recover(following.map(|state| &state.lengths))?;
        let format = self.settings.format_keys();
        let name = format.stored();
        if let Some(stored) = following.filter(|stored| stored.format != name) {
            return Err(other_format(directory, &stored.format, &name));
        }
        let encoders = Encoder::of(format.format()?, target);
        self.opened = Some(Opened {
            state_file,
            files,
            encoders,
            format: name,
            in_snapshot: false,
            buffer: Vec::new(),
        });
        Ok(state.map(|state| state.checkpoint))
    }

    fn start_snapshot(&mut self, checkpoint: &Checkpoint) -> Result<()> {
        let opened = self.opened()?;
        opened.in_snapshot = true;
        opened.files.start_snapshot()?;
        failpoint::pass("jsonl.snapshot.begun")?;
        let state = State {
            checkpoint: checkpoint.clone(),
            lengths: opened.files.lengths(),
            replacing: Vec::new(),
            format: opened.format.clone(),
        };
        opened.state_file.write(&state)
    }

    fn write(&mut self, batch: &Batch) -> Result<()> {
        let opened = self.opened()?;
        for table in &batch.tables {
            let Some(encoder) = opened.encoders.get(table.table) else {
                continue;
            };
            opened.buffer.clear();
            let snapshot = batch.phase == Phase::Snapshot;
            encoder.batch(&mut opened.buffer, table, snapshot)?;
            opened.files.append(table.table, &opened.buffer)?;
        }
        Ok(())
    }

    fn truncate(&mut self, table: usize, at: &Checkpoint) -> Result<()> {
        let opened = self.opened()?;
        let Some(encoder) = opened.encoders.get(table) else {
            return Ok(());
        };
        opened.buffer.clear();
        encoder.truncate(&mut opened.buffer, at.lsn, at.seq);
        opened.files.append(table, &opened.buffer)
    }

    fn commit(&mut self, checkpoint: &Checkpoint) -> Result<()> {
        let opened = self.opened()?;
        failpoint::pass("jsonl.sync.before")?;
        opened.files.sync()?;
        failpoint::pass("jsonl.sync.after")?;
        let mut state = State {
            checkpoint: checkpoint.clone(),
            lengths: opened.files.lengths(),
            replacing: Vec::new(),
            format: opened.format.clone(),
        };
        if !opened.in_snapshot {
            return opened.state_file.write(&state);
        }
        // From here on the snapshot is what counts: a run that breaks off during the renames finishes them.
        state.replacing = opened.files.names();
        opened.state_file.write(&state)?;
        failpoint::pass("jsonl.snapshot.complete")?;
        opened.files.finish_replacing(&state.replacing)?;
        failpoint::pass("jsonl.snapshot.replaced")?;
        opened.in_snapshot = false;
        state.replacing.clear();
        opened.state_file.write(&state)
    }

    fn reset(&mut self) -> Result<()> {
        let opened = self.opened()?;
        // Kept as a state, so that the next run knows the files beside it as its own.
        let state = State {
            checkpoint: Checkpoint::snapshot(0),
            lengths: opened.files.lengths(),
            replacing: Vec::new(),
            format: opened.format.clone(),
        };
        opened.state_file.write(&state)
    }

    fn delivery(&self) -> Delivery {
        Delivery::Transactional
    }
}

/// Refuses to add lines of one form to a file of another.
#[cold]
fn other_format(directory: &std::path::Path, stored: &str, wanted: &str) -> Error {
    let named = |format: &str| {
        if format.is_empty() {
            "lines".to_owned()
        } else {
            format.to_owned()
        }
    };
    Error::config(format!(
        "the files in `{}` hold the form `{}`, and the sink is to write `{}`",
        directory.display(),
        named(stored),
        named(wanted)
    ))
    .with_help("take the old form back, give the sink another `path`, or let `dozer app reset` write the files anew")
}
