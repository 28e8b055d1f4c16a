//! Column buffers in Arrow's memory layout.

mod batch;
mod bitmap;
mod column;
mod row;
mod slot;

pub use batch::{Batch, RejectedRow, RowOp, TableBatch};
pub use bitmap::Bitmap;
pub use column::{Column, ColumnData, ColumnParts};
pub use row::{OnMisfit, RowReader, RowWriter};

pub(crate) use row::{Image, Planned, Refusal, RowPlan, Why};

pub(crate) use slot::Slot;
