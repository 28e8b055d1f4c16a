//! A connector run as an application runs it.

use connector_arrow::BatchConverter;
use connector_core::connector::Connector;
use connector_core::ingest::{Delivery, IngestOptions, Ingestor};
use connector_core::{Checkpoint, TableInfo};

use crate::Result;

/// Runs a connector over one table, and hands each delivery over. Gives the position that was reached.
pub(crate) fn deliveries(
    connector: impl Connector + 'static,
    table: &str,
    options: IngestOptions,
    mut take: impl FnMut(Delivery) -> Result<()>,
) -> Result<Checkpoint> {
    let from = options.checkpoint.as_ref().map(Checkpoint::position);
    let (ingestor, mut deliveries) = Ingestor::initialize_channel(options);
    let selected = vec![TableInfo::select(table)];
    let source = std::thread::spawn(move || connector.start(from, &ingestor, Some(selected)));
    let mut reached = Checkpoint::default();
    while let Some(delivery) = deliveries.next_delivery() {
        reached = delivery.end().clone();
        take(delivery)?;
    }
    drop(deliveries);
    source.join().map_err(|_| "the source panicked")??;
    Ok(reached)
}

/// The same, with Arrow batches made of all rows. Gives their number.
pub(crate) fn to_arrow(
    connector: impl Connector + 'static,
    table: &str,
    options: IngestOptions,
) -> Result<u64> {
    let mut converter: Option<BatchConverter> = None;
    let mut rows = 0;
    deliveries(connector, table, options, |delivery| {
        let Delivery::Batch(batch) = delivery else {
            return Ok(());
        };
        for table in batch.tables {
            let converter = match &mut converter {
                Some(converter) => converter,
                None => converter.insert(BatchConverter::new(table.schema.clone())?),
            };
            rows += converter.convert(table)?.num_rows() as u64;
        }
        Ok(())
    })?;
    Ok(rows)
}
