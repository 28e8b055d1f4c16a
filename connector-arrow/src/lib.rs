//! Batches of changes as Arrow record batches, without copying.
//!
//! ```
//! use std::sync::Arc;
//! use connector_arrow::BatchConverter;
//! use connector_core::{Column, FieldDefinition, FieldType, RowOp, Schema, SourceSchema, TableBatch};
//! # use connector_core::ReplicationChangesTrackingType;
//! # let field = FieldDefinition {
//! #     name: "station".into(), typ: FieldType::String, nullable: false, external_type: None, description: None, number: None,
//! # };
//! # let schema = Arc::new(SourceSchema {
//! #     name: "readings".into(), namespace: None, table_name: "readings".into(),
//! #     schema: Schema { fields: vec![field], primary_index: vec![0] },
//! #     replication_type: ReplicationChangesTrackingType::OnlyPK, description: None,
//! # });
//! let mut station = Column::new(FieldType::String);
//! station.push_str("oslo").unwrap();
//! let batch = TableBatch {
//!     table: 0, schema: Arc::clone(&schema), ops: vec![RowOp::Insert], lsn: vec![7], seq: vec![1],
//!     columns: vec![station],
//! };
//!
//! let rows = BatchConverter::new(schema)?.convert(batch)?;
//! assert_eq!(rows.num_rows(), 1);
//! assert_eq!(rows.schema().field(1).name(), "_op");
//! # Ok::<(), arrow_schema::ArrowError>(())
//! ```
//!
//! For **pipeline builders** who hand rows to `DataFusion`, Polars, `DuckDB`, Parquet or Delta. A [`BatchConverter`]
//! is made once per table; [`record_batch`] is the same for a single batch. Values, offsets and validity stay in the
//! memory in which the connector wrote them: every `Vec` becomes a buffer as it is.
//!
//! For **operators**: with the feature `parquet` the sink `Parquet`, and with `ipc` the sink `Arrow`, which write files of
//! these formats; the crate's `README.md` says what is in them. Without these features neither is compiled.
//!
//! # Types
//!
//! | Field type | Arrow type |
//! |---|---|
//! | `UInt` | `UInt64` |
//! | `U128`, `I128` | `Decimal256(39, 0)` |
//! | `Int` | `Int64` |
//! | `Int8` | `Int8` |
//! | `Float` | `Float64` |
//! | `Boolean` | `Boolean` |
//! | `String`, `Text`, `Json` | `Utf8` |
//! | `Decimal` | `Utf8`: the number's digits, since each value has as many as it needs |
//! | `Decimal(p, s)`, p ≤ 38 | `Decimal128(p, s)` |
//! | `Decimal(p, s)`, p > 38 | `Decimal256(p, s)` |
//! | `Binary` | `Binary` |
//! | `Timestamp(unit)` | `Timestamp(unit, "UTC")` |
//! | `Date` | `Date32` |
//! | `Point` | `FixedSizeList(Float64, 2)`: x, then y; the item is called `xy` |
//! | `Duration(unit)` | `Duration(unit)` |
//!
//! Arrow wants a precision that is not below the scale, so `Decimal(2, 5)` is `Decimal128(5, 5)`: the values are the same.
//! Where the scale is above 38 and the precision is not, such as in `Decimal(10, 50)`, the values are widened to
//! `Decimal256(50, 50)`; it is the one column whose values are copied.
//!
//! # Columns of the change
//!
//! They follow the columns of the table, and a converter can be made with a choice of them ([`ChangeColumn`]).
//!
//! | Name | Arrow type | Content |
//! |---|---|---|
//! | `_op` | `Dictionary(Int8, Utf8)` | `+I` insert, `-U` before and `+U` after an update, `-D` delete |
//! | `_lsn` | `UInt64` | the commit position of the transaction |
//! | `_seq` | `UInt64` | the number of the change in its transaction, from 1 |
//! | `_unchanged` | `List(Dictionary(Int32, Utf8))` | names of the columns that the source did not send; null where it sent all |
//!
//! `_unchanged` is there for every table with updates or deletes, so that the schema of a table is the same in every
//! batch. A value that was not sent is null in its own column; `_unchanged` tells it apart from a null of the source.
//!
//! # Nullability
//!
//! A field is nullable in Arrow where the source's column is, and, in a table with updates or deletes, wherever it is not
//! part of the key: a row's old image may hold the key alone, and a new one may leave out what did not change. What
//! the source says of the column is in the metadata, `dozer.nullable`.
//!
//! # Metadata
//!
//! Of a field: `dozer.type` (the field type, such as `Decimal(10, 2)`), `dozer.external_type` (the type's name in the
//! external system), `dozer.nullable`, `dozer.key` (the place in the primary key, from 1), `comment` (the description).
//! Of the schema: `dozer.source`, `dozer.namespace`, `dozer.table`, `dozer.tracking`, `comment`. Whatever is not known is
//! left out.

mod arrays;
mod changes;
mod convert;
#[cfg(feature = "failpoints")]
mod failpoints;
#[cfg(any(feature = "ipc", feature = "parquet"))]
mod files;
#[cfg(feature = "ipc")]
mod ipc_sink;
#[cfg(feature = "parquet")]
mod parquet_sink;
mod schema;
mod texts;

pub use changes::ChangeColumn;
pub use convert::{BatchConverter, record_batch};
#[cfg(feature = "failpoints")]
#[doc(hidden)]
pub use failpoints::FAILPOINTS;
#[cfg(feature = "ipc")]
pub use ipc_sink::{Arrow, ArrowFiles, ArrowPipe};
#[cfg(feature = "parquet")]
pub use parquet_sink::{Compression, Parquet, ParquetSink};
pub use schema::schema;

#[cfg(test)]
mod tests;
