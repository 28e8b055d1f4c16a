//! Row structs of a source's tables: what each is to be, as Rust text, and how a text that was written before differs.
//!
//! [`plan`](plan::plan) decides names, types and what is left out; [`text`](text::file) writes it down; [`read`] takes a
//! written file apart again, and [`differences`] says what no longer matches.

pub(crate) mod differences;
mod names;
pub(crate) mod plan;
mod read;
pub(crate) mod text;

#[cfg(test)]
mod tests;
