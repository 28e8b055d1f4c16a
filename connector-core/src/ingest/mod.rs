//! How rows get from a source's thread to whoever consumes them.

mod delivery;
mod ingestor;
mod inserts;
mod iterator;
mod lent;
mod open_batch;
mod parts;
mod runner;
mod schema_change;

pub use delivery::Delivery;
pub use ingestor::{IngestOptions, Ingestor};
#[doc(hidden)]
pub use inserts::{Following, Inserts};
pub use iterator::{IngestionIterator, IngestionMessage, RunEnded};
#[doc(hidden)]
pub use lent::LentInserts;
pub use parts::SnapshotPart;
pub use runner::Until;
pub use schema_change::OnSchemaChange;

pub(crate) use open_batch::{OpenBatch, Selection};
pub(crate) use parts::run_parts;
pub(crate) use runner::{Bounds, Runner, Step};
