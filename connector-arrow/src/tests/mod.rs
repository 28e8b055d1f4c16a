//! Record batches hold the values of the columns, in the memory of the columns.

mod batches;
mod changes;
mod memory;
mod properties;
#[cfg(all(feature = "ipc", feature = "parquet"))]
mod sinks;
mod values;
