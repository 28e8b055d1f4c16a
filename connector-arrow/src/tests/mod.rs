//! Record batches hold the values of the columns, in the memory of the columns.

mod batches;
mod changes;
mod memory;
mod properties;
mod values;
