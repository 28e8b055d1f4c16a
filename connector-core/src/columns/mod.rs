//! Column buffers in Arrow's memory layout.

mod bitmap;
mod column;
mod data;
mod push;
mod slot;

pub use bitmap::Bitmap;
pub use column::{Column, ColumnParts};
pub use data::ColumnData;

pub(crate) use slot::Slot;

#[cfg(test)]
mod tests;
