//! Column buffers in Arrow's memory layout.

mod bitmap;
mod column;
mod slot;

pub use bitmap::Bitmap;
pub use column::{Column, ColumnData, ColumnParts};

pub(crate) use slot::Slot;
