//! The connector under test: the ledger's, with what can be broken only between it and who calls it.

use connector_core::config::ConfigKey;
use connector_core::connector::Connector;
use connector_core::ingest::Ingestor;
use connector_core::prelude::*;
use connector_core::validation::{Rule, ValidationResults};
use connector_core::{Checkpoint, Replay, SourceSchema};

use crate::fault::Fault;
use crate::source::Ledger;

/// A ledger, asked by way of what is broken.
#[derive(Debug, serde::Deserialize)]
#[serde(transparent)]
pub(crate) struct Subject(pub(crate) Ledger);

impl ConnectorConfig for Subject {
    const NAME: &'static str = Ledger::NAME;
    const DESCRIPTION: &'static str = Ledger::DESCRIPTION;

    fn keys() -> Vec<ConfigKey> {
        Ledger::keys()
    }
}

impl Subject {
    fn has(&self, fault: Fault) -> bool {
        self.0.database.has(fault)
    }

    /// What is asked for, without what is not there.
    fn known(&self, wanted: Option<Vec<TableInfo>>) -> Result<Option<Vec<TableInfo>>> {
        let all = Connector::get_tables(&self.0, None)?;
        let known = |mut wanted: TableInfo| {
            let table = all
                .iter()
                .find(|table| table.table_name == wanted.table_name)?;
            let has = |name: &str| table.columns.iter().any(|column| column.name == name);
            wanted.columns.retain(|column| has(&column.name));
            Some(wanted)
        };
        Ok(wanted.map(|wanted| wanted.into_iter().filter_map(known).collect()))
    }
}

impl Connector for Subject {
    fn validate(&self, tables: Option<Vec<TableInfo>>) -> Result<()> {
        Connector::validate(&self.0, tables)
    }

    fn validate_schemas(&self, tables: &[TableInfo]) -> Result<ValidationResults> {
        let mut found = Connector::validate_schemas(&self.0, tables)?;
        if self.has(Fault::FindsNothing) {
            found.retain(|finding| !finding.is_error());
        }
        if self.has(Fault::MissesTheKey) {
            found.retain(|finding| finding.rule != Rule::KeySelected);
        }
        if self.has(Fault::BlamesAnotherTable) && tables.len() > 1 {
            for finding in found.iter_mut().filter(|finding| finding.is_error()) {
                let other = tables.iter().find(|table| table.name != finding.table);
                finding.table = other.map_or_else(String::new, |other| other.name.clone());
            }
        }
        Ok(found)
    }

    fn get_schemas(&self, wanted: Option<Vec<TableInfo>>) -> Result<Vec<SourceSchema>> {
        if self.has(Fault::KnowsUnknownTables) {
            return Connector::get_schemas(&self.0, self.known(wanted)?);
        }
        let unnamed = self.has(Fault::DoesNotNameWhatIsUnknown);
        Connector::get_schemas(&self.0, wanted).map_err(|error| {
            if unnamed {
                Error::source("something is not there")
            } else {
                error
            }
        })
    }

    fn start(
        &self,
        from_seq: Option<(u64, u64)>,
        ingestor: &Ingestor,
        tables: Option<Vec<TableInfo>>,
    ) -> Result<()> {
        let ended = Connector::start(&self.0, from_seq, ingestor, tables);
        let nowhere = self.has(Fault::FailsNowhere);
        ended.map_err(|error| {
            if nowhere && error.to_string().contains("the disk is gone") {
                Error::source("the disk is gone")
            } else {
                error
            }
        })
    }

    fn get_tables(&self, tables: Option<&[TableInfo]>) -> Result<Vec<TableInfo>> {
        Connector::get_tables(&self.0, tables)
    }

    fn current_position(&self) -> Result<Option<u64>> {
        Connector::current_position(&self.0)
    }

    fn check_position(&self, stored: &Checkpoint) -> Result<()> {
        Connector::check_position(&self.0, stored)
    }

    fn replay(&self) -> Replay {
        Connector::replay(&self.0)
    }

    fn named(&mut self, reader: &str) {
        Connector::named(&mut self.0, reader);
    }

    fn prepare(&self, tables: &[TableInfo]) -> Result<Vec<String>> {
        Connector::prepare(&self.0, tables)
    }

    fn clean(&self) -> Result<Vec<String>> {
        Connector::clean(&self.0)
    }
}
