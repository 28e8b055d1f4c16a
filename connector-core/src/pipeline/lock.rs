//! The lock file: the schemas that were looked at and taken on, and what has drifted from them.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io::{ErrorKind as IoErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use crate::connector::Connector;
use crate::error::{Error, ErrorKind, Result};
use crate::failpoint;
use crate::types::{FieldDefinition, SourceSchema};

const VERSION: u32 = 1;

/// The file in which `migrate` keeps the schemas of an application's sources.
#[derive(Debug, Clone)]
pub struct LockFile {
    path: PathBuf,
    app: String,
}

#[derive(Serialize, Deserialize)]
struct Content {
    version: u32,
    app: String,
    sources: BTreeMap<String, SourceSchema>,
}

/// What every version of the file has.
#[derive(Deserialize)]
struct Owner {
    app: String,
}

/// One difference between a locked schema and the live one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The source.
    pub source: String,
    /// The column; absent where the table as a whole differs.
    pub column: Option<String>,
    /// What differs.
    pub what: String,
    #[serde(skip)]
    pub(super) kind: DifferenceKind,
}

/// Whether rows that are stored under the locked schema go with the live one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum DifferenceKind {
    /// A column was added behind the others.
    Added,
    /// A column may be null now.
    Nullable,
    /// A column was declared with one type, and now with another.
    Type {
        from: String,
        to: String,
    },
    Other,
}

impl DifferenceKind {
    pub(super) fn may_be_taken_on(&self, connector: &dyn Connector) -> bool {
        match self {
            Self::Added | Self::Nullable => true,
            Self::Type { from, to } => connector.widens(from, to),
            Self::Other => false,
        }
    }
}

impl LockFile {
    pub(super) fn new(path: &Path, app: &str) -> Self {
        Self {
            path: path.to_owned(),
            app: app.to_owned(),
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Keeps these schemas.
    ///
    /// # Errors
    /// When the file cannot be written, or is another application's.
    pub fn write(&self, schemas: &[SourceSchema]) -> Result<()> {
        self.check_owner()?;
        let sources = schemas
            .iter()
            .map(|schema| (schema.name.clone(), schema.clone()))
            .collect();
        self.keep(sources)
    }

    fn keep(&self, sources: BTreeMap<String, SourceSchema>) -> Result<()> {
        let content = Content {
            version: VERSION,
            app: self.app.clone(),
            sources,
        };
        let mut text = serde_json::to_vec_pretty(&content).map_err(Error::source)?;
        text.push(b'\n');
        let write = || {
            failpoint::pass("lock_file.write.before")?;
            let beside = self.path.with_extension("lock.tmp");
            // Anew, so that no link which stands there is written through.
            if let Err(error) = fs::remove_file(&beside)
                && error.kind() != std::io::ErrorKind::NotFound
            {
                return Err(error);
            }
            let mut file = fs::File::create_new(&beside)?;
            file.write_all(&text)?;
            file.sync_all()?;
            failpoint::pass("lock_file.rename.before")?;
            fs::rename(&beside, &self.path)?;
            failpoint::pass("lock_file.rename.after")?;
            crate::sink::sync_directory_of(&self.path)
        };
        write().map_err(|error| {
            let file = self.path.display();
            Error::config(format!("cannot write the lock file `{file}`: {error}"))
                .with_help("set `lock` in the configuration to a file that can be written")
        })
    }

    /// How these schemas differ from the locked ones. `None`: there is no lock file.
    ///
    /// # Errors
    /// When the file cannot be read, is not a lock file, or is another application's.
    pub fn drift(&self, schemas: &[SourceSchema]) -> Result<Option<Vec<Difference>>> {
        let Some(locked) = self.read()? else {
            return Ok(None);
        };
        let differences = schemas
            .iter()
            .flat_map(|live| self.compare(locked.get(&live.name), live));
        Ok(Some(differences.collect()))
    }

    /// Whether there is a lock file.
    pub(super) fn exists(&self) -> bool {
        self.path.exists()
    }

    /// The locked schemas, by source. `None`: there is no lock file.
    pub(super) fn read(&self) -> Result<Option<BTreeMap<String, SourceSchema>>> {
        let text = match fs::read(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == IoErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.unusable(&format!("cannot be read: {error}"))),
        };
        self.is_owner(&text)?;
        let content: Content = serde_json::from_slice(&text)
            .map_err(|error| self.unusable(&format!("is not a lock file: {error}")))?;
        if content.version != VERSION {
            return Err(self.unusable(&format!(
                "is of version {}, and this program reads {VERSION}",
                content.version
            )));
        }
        Ok(Some(content.sources))
    }

    /// How a live schema differs from the locked one.
    #[expect(
        clippy::unused_self,
        reason = "what is compared is what this file holds"
    )]
    pub(super) fn compare(
        &self,
        locked: Option<&SourceSchema>,
        live: &SourceSchema,
    ) -> Vec<Difference> {
        let mut differences = Vec::new();
        match locked {
            Some(locked) => compare(locked, live, &mut differences),
            None => differences.push(Difference::of_table(live, "is new")),
        }
        differences
    }

    /// Replaces the locked schema of one source. Connections that run side by side do so one after another.
    pub(super) fn replace(&self, live: &SourceSchema) -> Result<()> {
        static WRITING: Mutex<()> = Mutex::new(());
        let _writing = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
        let mut sources = self.read()?.unwrap_or_default();
        sources.insert(live.name.clone(), live.clone());
        self.keep(sources)
    }

    /// Fails where there is a difference: each is named.
    pub(super) fn refuse(&self, differences: &[Difference]) -> Result<()> {
        if differences.is_empty() {
            return Ok(());
        }
        let lines: Vec<String> = differences.iter().map(ToString::to_string).collect();
        Err(Error::new(
            ErrorKind::Drift,
            format!(
                "the source has drifted from `{}`:\n  {}",
                self.path.display(),
                lines.join("\n  ")
            ),
        )
        .with_help("`dozer migrate` shows the new schema and takes it on"))
    }

    /// Whether the file, where there is one, is not another application's: two that share a directory need two.
    ///
    /// # Errors
    /// When it is another's. A file that cannot be read is nobody's.
    pub fn check_owner(&self) -> Result<()> {
        fs::read(&self.path).map_or(Ok(()), |text| self.is_owner(&text))
    }

    fn is_owner(&self, text: &[u8]) -> Result<()> {
        match serde_json::from_slice(text) {
            Ok(Owner { app }) if app != self.app => Err(Error::config(format!(
                "the lock file `{}` belongs to the application `{app}`, not to `{}`",
                self.path.display(),
                self.app
            ))
            .with_help(format!(
                "give this application one of its own in the configuration: `lock: {}.lock`; or remove the file, where the application was renamed",
                self.app
            ))),
            _ => Ok(()),
        }
    }

    fn unusable(&self, why: &str) -> Error {
        Error::new(
            ErrorKind::Drift,
            format!("the lock file `{}` {why}", self.path.display()),
        )
        .with_help("`dozer migrate` writes it anew")
    }
}

impl Difference {
    fn of_table(live: &SourceSchema, what: impl Into<String>) -> Self {
        Self {
            source: live.name.clone(),
            column: None,
            what: what.into(),
            kind: DifferenceKind::Other,
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "source `{}`", self.source)?;
        if let Some(column) = &self.column {
            write!(f, ", column `{column}`")?;
        }
        write!(f, ": {}", self.what)
    }
}

fn compare(locked: &SourceSchema, live: &SourceSchema, out: &mut Vec<Difference>) {
    if locked.table_name != live.table_name || locked.namespace != live.namespace {
        out.push(Difference::of_table(
            live,
            format!(
                "read table `{}`, now `{}`",
                locked.table_name, live.table_name
            ),
        ));
    }
    if locked.replication_type != live.replication_type {
        let what = format!(
            "old rows were {}, now {}",
            locked.replication_type, live.replication_type
        );
        out.push(Difference::of_table(live, what));
    }
    compare_columns(locked, live, out);
    let order = |schema: &SourceSchema| -> Vec<String> {
        schema
            .schema
            .fields
            .iter()
            .map(|f| f.name.clone())
            .collect()
    };
    if out.iter().all(|difference| difference.source != live.name) && order(locked) != order(live) {
        out.push(Difference::of_table(
            live,
            "its columns are in another order",
        ));
    }
    let key = |schema: &SourceSchema| -> Vec<String> {
        let fields = &schema.schema.fields;
        schema
            .schema
            .primary_index
            .iter()
            .filter_map(|&place| fields.get(place))
            .map(|f| f.name.clone())
            .collect()
    };
    if key(locked) != key(live) {
        let names = |key: Vec<String>| {
            if key.is_empty() {
                "no key".to_owned()
            } else {
                format!("key ({})", key.join(", "))
            }
        };
        out.push(Difference::of_table(
            live,
            format!("had {}, now {}", names(key(locked)), names(key(live))),
        ));
    }
}

/// What differs in the columns.
fn compare_columns(locked: &SourceSchema, live: &SourceSchema, out: &mut Vec<Difference>) {
    let column = |name: &str, what: String, kind: DifferenceKind| Difference {
        source: live.name.clone(),
        column: Some(name.to_owned()),
        what,
        kind,
    };
    let find = |schema: &SourceSchema, name: &str| -> Option<FieldDefinition> {
        schema
            .schema
            .fields
            .iter()
            .find(|field| field.name == name)
            .cloned()
    };
    for field in &locked.schema.fields {
        let Some(now) = find(live, &field.name) else {
            out.push(column(
                &field.name,
                "is gone".to_owned(),
                DifferenceKind::Other,
            ));
            continue;
        };
        let declared = |field: &FieldDefinition| field.external_type.clone().unwrap_or_default();
        let (from, to) = (declared(field), declared(&now));
        let what = if field.typ != now.typ {
            Some(format!("was `{}`, now `{}`", field.typ, now.typ))
        } else if from == to {
            None
        } else {
            Some(format!("was declared `{from}`, now `{to}`"))
        };
        if let Some(what) = what {
            let kind = DifferenceKind::Type { from, to };
            out.push(column(&field.name, what, kind));
        }
        if field.nullable != now.nullable {
            let may = |nullable| if nullable { "nullable" } else { "not nullable" };
            out.push(column(
                &field.name,
                format!("was {}, now {}", may(field.nullable), may(now.nullable)),
                if now.nullable {
                    DifferenceKind::Nullable
                } else {
                    DifferenceKind::Other
                },
            ));
        }
    }
    let before = locked.schema.fields.len();
    for (place, field) in live.schema.fields.iter().enumerate() {
        if find(locked, &field.name).is_none() {
            let kind = if place < before {
                DifferenceKind::Other
            } else {
                DifferenceKind::Added
            };
            let what = format!("is new, `{}`", field.typ);
            out.push(column(&field.name, what, kind));
        }
    }
}
