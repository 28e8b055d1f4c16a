//! Random tables with random rows: each value is the same from the snapshot and from the change stream, in both wire forms.
//!
//! `PROPTEST_CASES=2000 cargo test -p connector-postgres --test source random` is the full run.

mod forms;
mod leaves;
mod nested;
mod numbers;
mod same;
mod table;
mod words;

/// How many values of a type are drawn.
const POOL: usize = 8;

/// A type, and values of it.
#[derive(Debug, Clone)]
struct Typed {
    /// The entry of the table of types.
    variant: &'static str,
    /// The type in SQL.
    declared: String,
    /// What makes the types that are not there yet.
    ddl: Vec<String>,
    /// [`POOL`] values: expressions in SQL.
    values: Vec<String>,
}
