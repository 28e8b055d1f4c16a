//! What an author gives the kit: how to make a source, how to change it, and what it can do.

use std::fmt;

use connector_core::boundaries::{Faults, Report};
use connector_core::config::ConnectorConfig;
use connector_core::connector::Connector;
use connector_core::registry::Registry;
use connector_core::{ColumnInfo, DozerSource, Field, FieldType, FromRow, TableInfo};

use crate::samples;

/// A source that the checks make, change and read. A method that cannot do its work panics: it is part of a test.
pub trait Fixture: Sized + 'static {
    /// The connector under test.
    type Connector: Connector + 'static;

    /// What the source can do: a check that needs more is reported as not applicable.
    fn capabilities() -> Capabilities;

    /// A fresh source with these tables, all empty. A column's `external_type` is set only where a check asks for one.
    fn open(tables: &[TableInfo]) -> Self;

    /// A connector that reads the source; called once for each reader.
    fn connector(&self) -> Self::Connector;

    /// Makes these changes in the source, in one transaction where it has transactions.
    fn apply(&self, transaction: &[Change]);

    /// Makes two transactions that are open at the same time, their changes in turn; the second is committed first. No row
    /// is in both. `false` where the source has one writer at a time: then it has changed nothing.
    fn interleave(&self, first: &[Change], second: &[Change]) -> bool {
        let _ = (first, second);
        false
    }

    /// A value that a column can hold, another one for each number in a key column. Override it for columns that do not
    /// take every value of their field type.
    fn sample(column: &ColumnInfo, number: u64) -> Field {
        samples::sample(column, number)
    }

    /// Whether a column of the source holds exactly this value. The checks leave out those that it does not.
    fn holds(column: &ColumnInfo, value: &Field) -> bool {
        let _ = (column, value);
        true
    }

    /// The rows of a table as the source itself tells them, to be compared with what was applied.
    fn contents(&self, table: &TableInfo) -> Option<Vec<Row>> {
        let _ = table;
        None
    }

    /// Breaks the source off in this way, while it is read or before; `false` where it cannot be.
    fn interrupt(&self, how: Interruption) -> bool {
        let _ = how;
        false
    }

    /// What is in the source beside the tables that were asked for: triggers, slots, files.
    fn leftovers(&self) -> Option<Vec<String>> {
        None
    }

    /// The settings by which a configuration opens the connector.
    fn settings(&self) -> Option<Settings> {
        None
    }

    /// The boundary test of the connector's column types: `Some(boundaries::check::<MyTypes>())`.
    fn column_types() -> Option<Result<Report, Faults>> {
        None
    }
}

/// The values of one row, in the order of its table's columns.
pub type Row = Vec<Field>;

/// One change that a check makes in a source. `table` is a place in the list that [`Fixture::open`] was given.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// A row is added.
    Insert {
        /// The table.
        table: usize,
        /// The row.
        row: Row,
    },
    /// A row is replaced; its key may be another one.
    Update {
        /// The table.
        table: usize,
        /// The row as it is.
        old: Row,
        /// The row as it is to be.
        new: Row,
    },
    /// A row is removed.
    Delete {
        /// The table.
        table: usize,
        /// The row.
        row: Row,
    },
    /// All rows are removed by one statement.
    Truncate {
        /// The table.
        table: usize,
    },
}

impl Change {
    /// The typed row that is added, where one is.
    pub fn inserted<R: DozerSource + for<'r> FromRow<'r>>(&self) -> Option<R> {
        match self {
            Self::Insert { row, .. } => Some(crate::typed::typed(row)),
            _ => None,
        }
    }

    /// The place of its table.
    pub fn table(&self) -> usize {
        match self {
            Self::Insert { table, .. }
            | Self::Update { table, .. }
            | Self::Delete { table, .. }
            | Self::Truncate { table } => *table,
        }
    }
}

/// How a source is broken off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interruption {
    /// It fails.
    Fail,
    /// The stream panics.
    Panic,
    /// The stream ends, although it follows changes.
    End,
    /// What is read is gone: the connection is cut, the session ended, the file removed. The fixture can still change it.
    Lose,
}

/// One thing that a source may be able to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Capability {
    /// It tells of changes after a snapshot, or from its beginning on.
    Follow,
    /// A row can be updated.
    Update,
    /// The key of a row can be updated.
    ChangeKeys,
    /// A row can be deleted.
    Delete,
    /// A table can be emptied at once, and the stream says so.
    Truncate,
    /// A table may have no key.
    Keyless,
    /// Tables and columns may have any name.
    AnyName,
    /// A table may have a thousand columns.
    ManyColumns,
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Follow => "does not follow changes",
            Self::Update => "updates no rows",
            Self::ChangeKeys => "changes no keys",
            Self::Delete => "deletes no rows",
            Self::Truncate => "has no truncate",
            Self::Keyless => "has no tables without a key",
            Self::AnyName => "does not take any name",
            Self::ManyColumns => "has no tables of a thousand columns",
        })
    }
}

/// What a source can do.
#[derive(Debug, Clone)]
pub struct Capabilities {
    pub(crate) tables: Tables,
    can: Vec<Capability>,
    #[cfg_attr(
        not(feature = "histories"),
        allow(
            dead_code,
            reason = "only the number of random histories depends on it"
        )
    )]
    pub(crate) slow: bool,
    fits: Option<fn(&[Field]) -> bool>,
}

#[derive(Debug, Clone)]
pub(crate) enum Tables {
    /// Any, with columns of these types.
    Any(Vec<FieldType>),
    /// Always these.
    Fixed(Vec<TableInfo>),
}

impl Capabilities {
    /// A source that makes any table with columns of these types, of which one is `Int` and one `Text` or `String`.
    pub fn any_table(types: impl IntoIterator<Item = FieldType>) -> Self {
        Self {
            tables: Tables::Any(types.into_iter().collect()),
            can: Vec::new(),
            slow: false,
            fits: None,
        }
    }

    /// A source whose tables are always these.
    pub fn tables(tables: Vec<TableInfo>) -> Self {
        Self {
            tables: Tables::Fixed(tables),
            can: Vec::new(),
            slow: false,
            fits: None,
        }
    }

    /// A source of rows of this type, always the same table: only values that fit its fields are tried.
    pub fn rows<R: DozerSource + for<'r> FromRow<'r>>() -> Self {
        Self {
            fits: Some(|row| crate::typed::read::<R>(row).is_some()),
            ..Self::tables(R::tables())
        }
    }

    /// Whether a row is one that the source takes.
    pub(crate) fn fits(&self, row: &[Field]) -> bool {
        self.fits.is_none_or(|fits| fits(row))
    }

    /// Adds what the source can do.
    #[must_use]
    pub fn can(mut self, can: impl IntoIterator<Item = Capability>) -> Self {
        self.can.extend(can);
        self
    }

    /// Says that a reading of the source takes a good part of a second: fewer random histories are tried, unless
    /// `DOZER_CONFORMANCE_FULL` is set.
    #[must_use]
    pub fn slow(self) -> Self {
        Self { slow: true, ..self }
    }

    /// Whether the source can do this.
    pub fn has(&self, capability: Capability) -> bool {
        self.can.contains(&capability)
    }
}

/// The settings of a connector in a configuration file, as JSON: `{"path": "a.db"}`.
#[derive(Debug)]
pub struct Settings {
    pub(crate) tag: String,
    pub(crate) registry: Registry,
    pub(crate) keys: Vec<connector_core::ConfigKey>,
    pub(crate) values: serde_json::Map<String, serde_json::Value>,
}

impl Settings {
    /// These settings of a connector. Every key that may be secret should be set, so that it can be looked for.
    ///
    /// # Panics
    /// When `values` is not an object.
    pub fn of<C: ConnectorConfig + Connector + 'static>(values: serde_json::Value) -> Self {
        let registry = Registry::new().connector::<C>();
        let tag = registry.connectors().map(|entry| entry.tag.clone()).next();
        let serde_json::Value::Object(values) = values else {
            #[expect(clippy::panic, reason = "a test fails by panicking")]
            {
                panic!("the settings of a connector are a JSON object");
            }
        };
        Self {
            tag: tag.unwrap_or_default(),
            keys: C::keys(),
            registry,
            values,
        }
    }
}

/// A [`Fixture`] without its type: what the checks are written for.
pub(crate) trait Maker {
    fn capabilities(&self) -> Capabilities;
    fn open(&self, tables: &[TableInfo]) -> Box<dyn Opened>;
    fn sample(&self, column: &ColumnInfo, number: u64) -> Field;
    fn holds(&self, column: &ColumnInfo, value: &Field) -> bool;
    fn column_types(&self) -> Option<Result<Report, Faults>>;
}

/// An open source of a fixture.
pub(crate) trait Opened {
    fn connector(&self) -> Box<dyn Connector>;
    fn apply(&self, transaction: &[Change]);
    fn interleave(&self, first: &[Change], second: &[Change]) -> bool;
    fn contents(&self, table: &TableInfo) -> Option<Vec<Row>>;
    fn interrupt(&self, how: Interruption) -> bool;
    fn leftovers(&self) -> Option<Vec<String>>;
    fn settings(&self) -> Option<Settings>;
}

/// The maker of a fixture.
pub(crate) struct Of<F>(pub(crate) std::marker::PhantomData<F>);

impl<F: Fixture> Maker for Of<F> {
    fn capabilities(&self) -> Capabilities {
        F::capabilities()
    }

    fn open(&self, tables: &[TableInfo]) -> Box<dyn Opened> {
        Box::new(Source(F::open(tables)))
    }

    fn sample(&self, column: &ColumnInfo, number: u64) -> Field {
        F::sample(column, number)
    }

    fn holds(&self, column: &ColumnInfo, value: &Field) -> bool {
        F::holds(column, value)
    }

    fn column_types(&self) -> Option<Result<Report, Faults>> {
        F::column_types()
    }
}

struct Source<F>(F);

impl<F: Fixture> Opened for Source<F> {
    fn connector(&self) -> Box<dyn Connector> {
        Box::new(self.0.connector())
    }

    fn apply(&self, transaction: &[Change]) {
        self.0.apply(transaction);
    }

    fn interleave(&self, first: &[Change], second: &[Change]) -> bool {
        self.0.interleave(first, second)
    }

    fn contents(&self, table: &TableInfo) -> Option<Vec<Row>> {
        self.0.contents(table)
    }

    fn interrupt(&self, how: Interruption) -> bool {
        self.0.interrupt(how)
    }

    fn leftovers(&self) -> Option<Vec<String>> {
        self.0.leftovers()
    }

    fn settings(&self) -> Option<Settings> {
        self.0.settings()
    }
}
