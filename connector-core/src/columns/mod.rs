//! Column buffers in Arrow's memory layout, rows on their way through them, and batches.

mod batch;
mod bitmap;
mod cast_error;
mod column;
mod data;
mod marks;
mod plain;
mod push;
mod row;
mod rows;
mod slot;
mod texts;

pub use batch::{Batch, RejectedRow, RowOp, TableBatch};
pub use bitmap::Bitmap;
pub use cast_error::CastError;
pub use column::{Column, ColumnParts};
pub use data::ColumnData;
pub use row::{NextColumn, OnMisfit, RowReader, RowWriter};
pub use rows::RowsWriter;
pub use texts::Texts;

pub(crate) use push::NotUtf8;
pub(crate) use row::{Image, Planned, Refusal, RowPlan, Taken, Why};
pub(crate) use slot::Slot;

#[cfg(test)]
mod tests;
