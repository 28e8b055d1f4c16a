//! The capture, end to end: what writers do, and what the log says that they did.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod history;
mod limits;
mod log;
mod model;
mod renewed;
mod schema;
mod values;
