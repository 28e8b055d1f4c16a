//! The casts of plain types: both wire forms of a value give the same.

pub(crate) mod bytes;
pub(crate) mod geometry;
pub(crate) mod identifier;
pub(crate) mod interval;
pub(crate) mod network;
pub(crate) mod number;
pub(crate) mod numeric;
pub(crate) mod search;
pub(crate) mod text;
pub(crate) mod time;
