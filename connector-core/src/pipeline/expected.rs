//! The types that the sinks were opened for, held against those of the rows that come: between the two, a column may have been
//! given another one.

use std::collections::HashMap;
use std::sync::Arc;

use crate::columns::Batch;
use crate::connector::Connector;
use crate::error::{Error, ErrorKind, Result};
use crate::ingest::OnSchemaChange;
use crate::types::{FieldDefinition, SourceSchema};

/// What the sinks were opened for.
#[derive(Debug)]
pub(super) struct Expected<'p> {
    schemas: Vec<Arc<SourceSchema>>,
    /// By table: the schema that was compared last.
    compared: Vec<Option<Arc<SourceSchema>>>,
    schema_change: &'p HashMap<String, OnSchemaChange>,
    connector: &'p dyn Connector,
}

impl<'p> Expected<'p> {
    pub(super) fn new(
        schemas: Vec<Arc<SourceSchema>>,
        schema_change: &'p HashMap<String, OnSchemaChange>,
        connector: &'p dyn Connector,
    ) -> Self {
        Self {
            compared: vec![None; schemas.len()],
            schemas,
            schema_change,
            connector,
        }
    }

    /// Looks at the schemas of a batch's tables.
    ///
    /// # Errors
    /// When one has another type: one that passes where the type is wider and is to be taken on, as the next attempt opens
    /// the sinks for it.
    pub(super) fn check(&mut self, batch: &Batch) -> Result<()> {
        for table in &batch.tables {
            let (Some(schema), Some(compared)) = (
                self.schemas.get(table.table),
                self.compared.get_mut(table.table),
            ) else {
                continue;
            };
            let seen = |compared: &Arc<SourceSchema>| Arc::ptr_eq(compared, &table.schema);
            if compared.as_ref().is_some_and(seen) {
                continue;
            }
            compare(schema, &table.schema, self.schema_change, self.connector)?;
            *compared = Some(Arc::clone(&table.schema));
        }
        Ok(())
    }
}

fn compare(
    expected: &SourceSchema,
    found: &SourceSchema,
    schema_change: &HashMap<String, OnSchemaChange>,
    connector: &dyn Connector,
) -> Result<()> {
    let pairs = expected.schema.fields.iter().zip(&found.schema.fields);
    let mut changed = pairs
        .filter(|(before, now)| before.typ != now.typ || before.external_type != now.external_type)
        .peekable();
    let Some((_, first)) = changed.peek().copied() else {
        return Ok(());
    };
    let declared = |field: &FieldDefinition| field.external_type.clone().unwrap_or_default();
    let error = Error::new(
        ErrorKind::Drift,
        format!(
            "column `{}` of source `{}` was given another type, `{}`, while the run began",
            first.name,
            expected.name,
            declared(first)
        ),
    );
    let wider = changed.all(|(before, now)| connector.widens(&declared(before), &declared(now)));
    Err(match schema_change.get(&expected.name) {
        Some(OnSchemaChange::Evolve) if wider => error.interrupted(),
        Some(_) if wider => error.with_help(
            "set `schema_change` of the source to `evolve` to take the wider type on",
        ),
        _ => error.with_help(
            "`dozer migrate` shows the new schema and takes it on; then `dozer app reset` asks for a new snapshot",
        ),
    })
}
