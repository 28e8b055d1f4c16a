//! Sources as data: annotate rows, write a change stream, get a connector.
//!
//! ```
//! # #[cfg(feature = "derive")] {
//! use connector_core::prelude::*;
//!
//! /// A reading taken by one station.
//! #[derive(Debug, Clone, DozerSource)]
//! #[dozer(table = "readings", tracking = "only_pk")]
//! struct Reading {
//!     #[dozer(primary_key)]
//!     station: String,
//!     /// Degrees Celsius.
//!     temperature: Option<f64>,
//! }
//!
//! #[derive(Debug, Clone)]
//! struct Weather;
//!
//! impl Source for Weather {
//!     fn get_tables(&self) -> Result<Vec<TableInfo>> {
//!         Ok(Reading::tables())
//!     }
//!
//!     fn changes(&self, _request: &ChangeRequest) -> Result<impl ChangeStream> {
//!         let readings = [Reading { station: "oslo".into(), temperature: Some(-3.5) }];
//!         Ok(readings.into_iter().map(|reading| Ok(Event::insert(reading))))
//!     }
//! }
//!
//! let stations: Vec<Reading> = Weather.rows::<Reading>().unwrap().map(Result::unwrap).collect();
//! assert_eq!(stations[0].temperature, Some(-3.5));
//! # }
//! ```
//!
//! For **connector authors**: [`Source`] with [`ChangeStream`] and [`Event`], the derives `DozerSource`,
//! `ColumnTypes`, `ColumnValue` and `ConnectorConfig`. Core makes the whole [`connector::Connector`] of a source.
//!
//! For **pipeline builders**: typed rows ([`TypedSource`]), records
//! ([`IngestionIterator`](ingest::IngestionIterator)), batches of columns ([`BatchedSource`]), all as streams of an async
//! runtime with the feature `stream`, and runs of whole configurations ([`pipeline`]).

mod backoff;
pub mod boundaries;
mod cast;
mod checkpoint;
mod columns;
pub mod config;
pub mod connector;
mod error;
#[doc(hidden)]
pub mod failpoint;
mod fingerprint;
pub mod ingest;
pub mod pipeline;

pub mod registry;
pub mod sink;
mod source;
mod suggest;
mod types;
pub mod validation;
mod value;

pub use backoff::{Backoff, RetryPolicy};
pub use checkpoint::{Checkpoint, Phase};
pub use columns::{
    Batch, Bitmap, CastError, Column, ColumnData, ColumnParts, NextColumn, OnMisfit, RejectedRow,
    RowOp, RowReader, RowWriter, RowsWriter, TableBatch, Texts,
};
pub use config::{
    AppConfig, ByteSize, ConfigKey, ConfigPath, ConfigValue, ConnectorConfig, Secret,
};
pub use connector::{BatchedSource, TypedSource};
pub use error::{Error, ErrorKind, Result};
pub use fingerprint::Fingerprint;
pub use source::{
    Cancellation, Change, ChangeRequest, ChangeStream, ColumnValue, Columns, DeclaredColumn,
    DozerSource, Event, FromRow, FromValue, Holds, NoOldRow, Notice, Notices, RawValue, Rejected,
    Replay, RowImage, SchemaChange, SelectedTable, Sent, Source, SourceRow, StartFrom, StreamItem,
};
pub use source::{reading, tracking};
pub use suggest::{did_you_mean, suggest};
pub use types::{
    Cast, ColumnInfo, ColumnMapping, ColumnTypeEntry, ColumnTypes, DecimalSize, FieldDefinition,
    FieldType, Operation, Record, ReplicationChangesTrackingType, Schema, SourceSchema, TableInfo,
    TableKind, TimeUnit, UnknownFieldType,
};
pub use value::{
    Date, Decimal, Duration, Field, I256, Misfit, Point, Time, Timestamp, Value, utf8,
};

#[cfg(feature = "derive")]
pub use connector_derive::{ColumnTypes, ColumnValue, ConnectorConfig, DozerSource};

/// What a connector author needs. [`Connector`](connector::Connector) is left out, so that `x.get_tables()` is
/// never ambiguous.
pub mod prelude {
    pub use crate::{
        BatchedSource, ChangeRequest, ChangeStream, Checkpoint, ColumnInfo, ColumnTypes,
        ColumnValue, ConfigPath, ConnectorConfig, Date, Decimal, DozerSource, Duration, Error,
        Event, FromRow, Misfit, Point, Replay, Result, Secret, Sent, Source, SourceRow, StartFrom,
        TableInfo, Timestamp, TypedSource, Value,
    };
    pub use serde::Deserialize;
}

#[doc(hidden)]
pub mod __private;
