//! What a run reads, settled with what is stored already: columns that were added since are taken on or passed over.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::fan_out::FanOut;
use super::report::Report;
use crate::checkpoint::{Checkpoint, is_selection};
use crate::connector::Connector;
use crate::error::{Error, ErrorKind, Result};
use crate::ingest::OnSchemaChange;
use crate::sink::{Sink, SinkTarget};
use crate::source::Replay;
use crate::types::{ColumnInfo, SourceSchema, TableInfo};

/// What is asked for: tables, and what to do when columns are added to those of which all columns are read.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    pub(super) tables: Vec<TableInfo>,
    pub(super) schema_change: HashMap<String, OnSchemaChange>,
}

/// What is read.
#[derive(Debug, Clone)]
pub(super) struct Selection {
    /// The tables, with the columns by name where all were wanted: what is added from now on is no part of it.
    pub(super) tables: Vec<TableInfo>,
    pub(super) schemas: Vec<Arc<SourceSchema>>,
    /// The sources that are stored with fewer columns, and what was added.
    pub(super) widened: Vec<(String, Vec<String>)>,
    /// The sources of which columns are passed over.
    pub(super) passed_over: BTreeSet<String>,
}

impl Wanted {
    /// The tables as they are now.
    pub(super) fn now(&self, connector: &dyn Connector) -> Result<Selection> {
        let schemas = connector.get_schemas(Some(self.tables.clone()))?;
        let mut selection = Selection {
            tables: self.tables.clone(),
            schemas: schemas.into_iter().map(Arc::new).collect(),
            widened: Vec::new(),
            passed_over: BTreeSet::new(),
        };
        selection.name_columns(&self.schema_change);
        Ok(selection)
    }

    /// The policy of a source; `None` where its columns are chosen.
    pub(super) fn policy(&self, source: &str) -> Option<OnSchemaChange> {
        self.schema_change.get(source).copied()
    }

    /// Leaves out, of sources that ignore what is added, what was added since these schemas.
    pub(super) fn pass_over<'l>(
        &self,
        selection: &mut Selection,
        locked: impl Fn(&str) -> Option<&'l SourceSchema>,
    ) {
        for place in 0..selection.schemas.len() {
            let Some(schema) = selection.schemas.get(place).map(Arc::clone) else {
                continue;
            };
            if self.policy(&schema.name) != Some(OnSchemaChange::Ignore) {
                continue;
            }
            let Some(locked) = locked(&schema.name) else {
                continue;
            };
            let count = locked.schema.fields.len();
            let names = |schema: &SourceSchema| -> Vec<String> {
                let fields = schema.schema.fields.iter().take(count);
                fields.map(|field| field.name.clone()).collect()
            };
            if count < schema.schema.fields.len() && names(locked) == names(&schema) {
                selection.narrow(place, count);
            }
        }
        selection.name_columns(&self.schema_change);
    }

    /// Settles what is read with what is stored up to `stored`. Without a position everything is read as it is.
    ///
    /// # Errors
    /// When rows from before would be missing: of another source, table or column, or of one that is not empty in old rows.
    pub(super) fn settle(
        &self,
        selection: &mut Selection,
        stored: &Checkpoint,
        connector: &dyn Connector,
    ) -> Result<()> {
        if stored.selection.is_empty() {
            return Ok(());
        }
        let mut differences = Vec::new();
        let mut described: Option<Vec<TableInfo>> = None;
        for place in 0..selection.schemas.len() {
            let Some(schema) = selection.schemas.get(place).map(Arc::clone) else {
                continue;
            };
            let (name, all) = (&schema.name, schema.schema.fields.len());
            let Some(&hash) = stored.selection.get(name) else {
                differences.push(format!("source `{name}` is new"));
                continue;
            };
            if is_selection(hash, &schema, all) {
                continue;
            }
            let other = || {
                format!(
                    "source `{name}` was stored with another table or other columns, or a column was made anew since"
                )
            };
            let key = schema.schema.primary_index.iter().max();
            let fewest = key.map_or(1, |last| last + 1);
            let held = (fewest..all).rfind(|&count| is_selection(hash, &schema, count));
            match (self.policy(name), held) {
                (Some(OnSchemaChange::Ignore), Some(count)) => selection.narrow(place, count),
                (Some(OnSchemaChange::Evolve), Some(_)) if stored.passed_over.contains(name) => {
                    differences.push(format!(
                        "source `{name}` has passed over columns that were added to its table, and their values are not stored"
                    ));
                }
                (Some(OnSchemaChange::Evolve), Some(count)) => {
                    if described.is_none() {
                        described = Some(connector.get_tables(Some(&self.tables))?);
                    }
                    let info = described.iter().flatten().find(|table| table.name == *name);
                    let info = info.map_or(&[][..], |table| &table.columns);
                    let added = schema.schema.fields.iter().skip(count);
                    let mut taken = Vec::new();
                    for field in added {
                        let column = info.iter().find(|column| column.name == field.name);
                        match column.map_or(Some("is gone again"), refused) {
                            Some(why) => differences.push(format!(
                                "source `{name}`: column `{}` was added to table `{}` and cannot be taken on: it {why}",
                                field.name,
                                full_name(&schema),
                            )),
                            None => taken.push(field.name.clone()),
                        }
                    }
                    selection.widened.push((name.clone(), taken));
                }
                _ => differences.push(other()),
            }
        }
        if !differences.is_empty() {
            return Err(Error::new(
                ErrorKind::Drift,
                format!("the sources are not those of the stored position: {}", differences.join(", ")),
            )
            .with_help("`app reset` forgets the position: the next run takes a new snapshot of all sources of the connection"));
        }
        selection.name_columns(&self.schema_change);
        Ok(())
    }
}

/// Why rows that are stored without this column cannot get it as null.
pub(super) fn refused(column: &ColumnInfo) -> Option<&'static str> {
    if column.has_default {
        Some("has a default, so that old rows may have got a value that no change told of")
    } else if !column.nullable {
        Some("is not nullable, so that old rows have a value that no change told of")
    } else {
        None
    }
}

/// The opening of a run's sinks.
#[derive(Debug)]
pub(super) struct Opening<'o> {
    pub(super) wanted: &'o Wanted,
    pub(super) connector: &'o dyn Connector,
    pub(super) locked: &'o BTreeMap<String, SourceSchema>,
    pub(super) app: &'o str,
    pub(super) connection: &'o str,
}

impl Opening<'_> {
    /// Opens the sinks, and opens them anew where what they hold decides what is read. The second is where the run begins.
    /// Takes the sinks when all are open.
    pub(super) fn open(
        &self,
        sinks: &mut Vec<(String, Box<dyn Sink>)>,
        report: &dyn Report,
    ) -> Result<(FanOut, Option<Checkpoint>, Selection)> {
        let mut selection = self.wanted.now(self.connector)?;
        (self.wanted).pass_over(&mut selection, |source| self.locked.get(source));
        let (mut opened, mut from) = FanOut::open(sinks, &self.target(&selection), report)?;
        if let Some(stored) = from.as_ref()
            && self.connector.replay() == Replay::Changes
        {
            let settled = (self.wanted).settle(&mut selection, stored, self.connector);
            if settled.is_err() || selection.is_settled_otherwise() {
                *sinks = opened.into_sinks();
                settled?;
                (opened, from) = FanOut::open(sinks, &self.target(&selection), report)?;
            }
        }
        Ok((opened, from, selection))
    }

    fn target(&self, selection: &Selection) -> SinkTarget {
        let widened = selection.widened.iter();
        SinkTarget {
            app: self.app.to_owned(),
            connection: self.connection.to_owned(),
            schemas: selection.schemas.clone(),
            widened: widened.map(|(source, _)| source.clone()).collect(),
        }
    }
}

fn full_name(schema: &SourceSchema) -> String {
    match &schema.namespace {
        Some(namespace) => format!("{namespace}.{}", schema.table_name),
        None => schema.table_name.clone(),
    }
}

impl Selection {
    /// Reads only the first `count` columns of a source.
    fn narrow(&mut self, place: usize, count: usize) {
        let Some(schema) = self.schemas.get_mut(place) else {
            return;
        };
        let schema = Arc::make_mut(schema);
        schema.schema.fields.truncate(count);
        self.passed_over.insert(schema.name.clone());
    }

    /// Selects by name where all columns were wanted, so that a column that is added meanwhile is noticed.
    fn name_columns(&mut self, schema_change: &HashMap<String, OnSchemaChange>) {
        for (table, schema) in self.tables.iter_mut().zip(&self.schemas) {
            if schema_change.contains_key(&table.name) {
                let fields = &schema.schema.fields;
                table.columns = fields
                    .iter()
                    .map(|field| ColumnInfo::named(&field.name))
                    .collect();
            }
        }
    }

    /// Whether it is another than what the source has now, or more than what is stored.
    pub(super) fn is_settled_otherwise(&self) -> bool {
        !self.widened.is_empty() || !self.passed_over.is_empty()
    }
}
