//! A source of the tests that follows a file: each line, `position account amount`, is a transaction.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::time::Duration;

use connector_core::prelude::*;
use connector_core::validation::{Finding, Rule, Severity};
use connector_core::{
    Checkpoint, ColumnMapping, FieldType, NoOldRow, Rejected, RowImage, RowWriter, TableKind,
};

/// A file of entries that grows.
#[derive(Debug, Clone, Deserialize, ConnectorConfig)]
#[connector(name = "ledger")]
pub(crate) struct Ledger {
    /// The file.
    path: ConfigPath,
    /// Opens the door.
    token: Option<Secret<String>>,
    /// What goes wrong.
    fault: Option<String>,
    /// Whether there is a column more.
    #[serde(default)]
    wider: bool,
}

#[derive(Debug, thiserror::Error)]
#[error("the vault is closed")]
struct Closed(#[source] std::io::Error);

struct Entry {
    lsn: u64,
    account: String,
    amount: String,
    wider: bool,
}

impl RowImage for Entry {
    fn table(&self) -> usize {
        0
    }

    fn append(&self, row: &mut RowWriter<'_>) -> Result<(), Rejected> {
        row.push(Value::Text(&self.account))?;
        match self.amount.parse() {
            Ok(amount) => row.push(Value::Int(amount))?,
            Err(_) => row.push(Value::Text(&self.amount))?,
        }
        if self.wider {
            row.push_null()?;
        }
        Ok(())
    }
}

impl SourceRow for Entry {
    type Old = NoOldRow;
    type Tracking = connector_core::tracking::Nothing;
}

impl Ledger {
    fn entries(&self) -> Result<Vec<Entry>> {
        let text = std::fs::read_to_string(self.path.as_path())?;
        let entry = |line: &str| {
            let mut words = line.split_whitespace();
            Some(Entry {
                lsn: words.next()?.parse().ok()?,
                account: words.next()?.to_owned(),
                amount: words.next()?.to_owned(),
                wider: self.wider,
            })
        };
        Ok(text.lines().filter_map(entry).collect())
    }

    fn answers(&self) -> Result<()> {
        if self.is("away") && !self.path.as_path().with_extension("back").exists() {
            return Err(Error::source("nobody is there").transient());
        }
        let asked = self.path.as_path().with_extension("asked");
        if self.is("starting") && !asked.exists() {
            std::fs::write(asked, "")?;
            return Err(Error::source("it is starting").interrupted());
        }
        if !self.is("unreachable") {
            return Ok(());
        }
        let cause = std::io::Error::other("nobody answers");
        Err(Error::source(Closed(cause)).with_help("knock"))
    }

    fn marker(&self) -> PathBuf {
        self.path.as_path().with_extension("marker")
    }

    fn is(&self, fault: &str) -> bool {
        self.fault.as_deref() == Some(fault)
    }
}

impl Source for Ledger {
    fn get_tables(&self) -> Result<Vec<TableInfo>> {
        self.answers()?;
        let mut columns = vec![
            ColumnInfo::new("account", FieldType::String).with_external_type("VARCHAR"),
            ColumnInfo::new("amount", FieldType::Int)
                .with_external_type("INTEGER")
                .nullable(true)
                .with_description("In cents."),
        ];
        if self.wider {
            columns.push(ColumnInfo::new("note", FieldType::Text).nullable(true));
        }
        let area = ColumnInfo {
            mapping: ColumnMapping::Unsupported("no field type holds an area".to_owned()),
            ..ColumnInfo::named("area").with_external_type("AREA")
        };
        let id = ColumnInfo::new("id", FieldType::UInt).key(1);
        let plots = TableInfo {
            kind: TableKind::View,
            ..TableInfo::new("plots", vec![id, area])
        };
        Ok(vec![
            TableInfo::new("entries", columns).with_description("What was booked."),
            plots,
        ])
    }

    fn changes(&self, request: &ChangeRequest) -> Result<impl ChangeStream> {
        assert!(!self.is("panic"), "out of order: {self:?}");
        let mut events = VecDeque::new();
        let mut last = match request.from() {
            StartFrom::After { lsn } => lsn,
            StartFrom::Start | StartFrom::Within { .. } => {
                let entries = self.entries()?;
                let lsn = entries.last().map_or(0, |entry| entry.lsn);
                events.push_back(Event::SnapshotStarted { lsn });
                events.extend(entries.into_iter().map(Event::insert));
                events.push_back(Event::SnapshotDone { lsn });
                lsn
            }
        };
        if self.is("lost") {
            return Err(Error::position_lost(last, Some(last + 10)));
        }
        if self.is("protocol") {
            events.push_front(Event::Commit);
        }
        let ledger = self.clone();
        Ok(std::iter::from_fn(move || {
            if ledger.is("hang") {
                std::thread::sleep(Duration::from_mins(1));
            }
            if events.is_empty() {
                match ledger.entries() {
                    Ok(entries) => {
                        let told = last;
                        for entry in entries.into_iter().filter(|entry| entry.lsn > told) {
                            last = entry.lsn;
                            events.push_back(Event::Begin { lsn: last });
                            events.push_back(Event::insert(entry));
                            events.push_back(Event::Commit);
                        }
                    }
                    Err(error) => return Some(Err(error)),
                }
            }
            let next = events.pop_front();
            Some(Ok(next.unwrap_or_else(|| {
                std::thread::sleep(Duration::from_millis(10));
                Event::Idle {
                    reached: Some(last),
                }
            })))
        }))
    }

    fn validate(&self) -> Result<()> {
        if self
            .token
            .as_ref()
            .is_some_and(|token| token.expose().is_empty())
        {
            return Err(Error::config("the token is empty"));
        }
        if self.is("not ready") {
            return Err(Error::source("no line can be followed").with_help("sharpen the pencil"));
        }
        self.answers()
    }

    fn validate_table(&self, table: &TableInfo) -> Result<Vec<Finding>> {
        let finding =
            |severity, message: &str| Finding::table(&table.name, Rule::Source, severity, message);
        let mut found = Vec::new();
        if self.is("locked") {
            found.push(finding(Severity::Error, "may not be read").with_fix("unlock it"));
        }
        if (self.is("needs setup") || self.is("locked")) && !Path::exists(&self.marker()) {
            found.push(finding(Severity::Warning, "is not set up yet").with_fix("migrate"));
        }
        Ok(found)
    }

    fn current_position(&self) -> Result<Option<u64>> {
        Ok(self.entries()?.last().map(|entry| entry.lsn))
    }

    fn check_position(&self, stored: &Checkpoint) -> Result<()> {
        if self.is("lost") {
            return Err(Error::position_lost(stored.lsn, Some(stored.lsn + 10)));
        }
        Ok(())
    }

    fn replay(&self) -> Replay {
        Replay::Changes
    }

    fn prepare(&self, _tables: &[TableInfo]) -> Result<Vec<String>> {
        if self.marker().exists() {
            return Ok(Vec::new());
        }
        std::fs::write(self.marker(), "")?;
        Ok(vec!["made a marker".to_owned()])
    }

    fn clean(&self) -> Result<Vec<String>> {
        if !self.marker().exists() {
            return Ok(Vec::new());
        }
        std::fs::remove_file(self.marker())?;
        Ok(vec!["removed the marker".to_owned()])
    }
}
