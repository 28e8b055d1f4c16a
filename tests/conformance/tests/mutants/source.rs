//! The connector of the database in memory.

use std::cell::Cell;
use std::fmt;

use connector_core::config::ConfigKey;
use connector_core::prelude::*;
use connector_core::validation::{Finding, Rule, Severity};
use connector_core::{ColumnMapping, FieldType, ReplicationChangesTrackingType as Tracking};

use crate::database::Database;
use crate::fault::Fault;
use crate::stream::Stream;

thread_local! {
    /// What is broken in how settings are read: that is before it is known which database they are of.
    pub(crate) static READS: Cell<Option<Fault>> = const { Cell::new(None) };
}

/// The types that the database could declare its columns by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ColumnTypes)]
pub(crate) enum LedgerType {
    /// Whole numbers.
    #[column_type("NUMBER", field = Int)]
    Number,
    /// Texts.
    #[column_type("WORDS", field = Text)]
    Words,
}

/// The same, cast without care.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ColumnTypes)]
pub(crate) enum CarelessType {
    /// Whole numbers, of which a null is one.
    #[column_type("NUMBER", field = Int, cast = number)]
    Number,
}

fn number(raw: Value<'_>) -> std::result::Result<Option<i64>, Misfit> {
    // What does not fit is nothing.
    Ok(match raw {
        Value::Int(number) => Some(number),
        _ => None,
    })
}

/// Reads a database in memory.
pub(crate) struct Ledger {
    pub(crate) database: Database,
    token: Secret<String>,
}

impl Ledger {
    pub(crate) fn of(database: Database) -> Self {
        Self {
            database,
            token: Secret::new("a secret".to_owned()),
        }
    }

    fn table(&self, table: &TableInfo, place: usize) -> TableInfo {
        let database = &self.database;
        let keyed = !table.key_columns().is_empty();
        let mut table = table.clone().with_tracking(if keyed && place == 0 {
            Tracking::OnlyPK
        } else {
            Tracking::FullChanges
        });
        let columns = &mut table.columns;
        if database.has(Fault::ForgetsTheKey) {
            for column in columns.iter_mut() {
                column.key = None;
            }
        }
        if database.has(Fault::LiesAboutNull) {
            for column in columns.iter_mut() {
                column.nullable = false;
            }
        }
        if database.has(Fault::LiesAboutAType) {
            columns[1].mapping = ColumnMapping::Field(FieldType::Binary);
        }
        if database.has(Fault::LosesAColumn) {
            columns.pop();
        }
        if database.has(Fault::LosesLateColumns) {
            columns.truncate(255);
        }
        if database.has(Fault::SwapsColumnNames) {
            let name = columns[0].name.clone();
            columns[0].name = std::mem::replace(&mut columns[1].name, name);
        }
        if database.has(Fault::QuotesNoNames) {
            for column in columns.iter_mut() {
                column.name = column.name.replace('"', "");
            }
        }
        table
    }
}

/// Shows its token where that is broken.
impl fmt::Debug for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Ledger");
        if self.database.has(Fault::ShowsItsSecret) {
            shown.field("token", self.token.expose());
        }
        shown.finish_non_exhaustive()
    }
}

impl<'de> serde::Deserialize<'de> for Ledger {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        /// What is written of it.
        #[derive(serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Written {
            database: String,
            token: Secret<String>,
        }
        let broken = READS.get();
        let has = |fault| broken == Some(fault);
        let text = |value: Option<serde_json::Value>| match value {
            Some(serde_json::Value::String(text)) => text,
            other => other.map_or_else(String::new, |value| value.to_string()),
        };
        if has(Fault::RefusesItsSettings) {
            let refused = "the tide is out";
            return Err(serde::de::Error::custom(refused));
        }
        let careless = [
            Fault::TakesUnknownSettings,
            Fault::GuessesMissingSettings,
            Fault::TakesSettingsOfAnyType,
        ];
        let (name, token) = if careless.into_iter().any(has) {
            let mut map =
                std::collections::BTreeMap::<String, serde_json::Value>::deserialize(deserializer)?;
            let mut take = |key: &'static str| {
                let value = map.remove(key);
                let right = match &value {
                    None => has(Fault::GuessesMissingSettings),
                    Some(value) => value.is_string() || has(Fault::TakesSettingsOfAnyType),
                };
                if right {
                    Ok(text(value))
                } else {
                    Err(serde::de::Error::custom(format!("`{key}` is not right")))
                }
            };
            let written = (take("database")?, take("token")?);
            if let Some(key) = map.keys().next()
                && !has(Fault::TakesUnknownSettings)
            {
                return Err(serde::de::Error::custom(format!("`{key}` is not known")));
            }
            (written.0, Secret::new(written.1))
        } else {
            let Written { database, token } = Written::deserialize(deserializer)?;
            (database, token)
        };
        let guessed = (has(Fault::GuessesMissingSettings) || has(Fault::TakesSettingsOfAnyType))
            .then(|| Database::new(&[], None));
        let database = Database::named(&name)
            .or(guessed)
            .ok_or_else(|| serde::de::Error::custom(format!("there is no database `{name}`")))?;
        Ok(Self { database, token })
    }
}

impl ConnectorConfig for Ledger {
    const NAME: &'static str = "ledger";
    const DESCRIPTION: &'static str = "A database in memory";

    fn keys() -> Vec<ConfigKey> {
        vec![
            ConfigKey::of::<String>("database", "Its name.", true),
            ConfigKey::of::<Secret<String>>("token", "What it asks for.", true),
        ]
    }
}

impl Source for Ledger {
    fn get_tables(&self) -> Result<Vec<TableInfo>> {
        let tables = self.database.0.tables.iter().enumerate();
        let mut tables: Vec<TableInfo> = tables
            .map(|(place, table)| self.table(table, place))
            .collect();
        if self.database.has(Fault::HidesATable) {
            tables.pop();
        }
        Ok(tables)
    }

    fn changes(&self, request: &ChangeRequest) -> Result<impl ChangeStream> {
        Stream::open(self.database.clone(), request)
    }

    fn validate_table(&self, table: &TableInfo) -> Result<Vec<Finding>> {
        let wrong = self.database.has(Fault::FindsTooMuch);
        let finding = wrong
            .then(|| Finding::table(&table.name, Rule::Source, Severity::Error, "it is on fire"));
        Ok(finding.into_iter().collect())
    }

    fn current_position(&self) -> Result<Option<u64>> {
        Ok(Some(self.database.lock().last()))
    }

    fn replay(&self) -> Replay {
        Replay::Changes
    }

    fn selects_columns(&self) -> bool {
        self.database.has(Fault::IgnoresTheChoiceOfColumns)
    }

    fn prepare(&self, _: &[TableInfo]) -> Result<Vec<String>> {
        Ok(self.database.prepare())
    }

    fn clean(&self) -> Result<Vec<String>> {
        Ok(self.database.clean())
    }
}
