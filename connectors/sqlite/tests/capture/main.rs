//! The capture, end to end: what writers do, and what the log says that they did.

mod history;
mod limits;
mod log;
mod model;
mod schema;
mod values;
