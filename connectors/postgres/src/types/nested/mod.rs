//! Values made of values: arrays, composites, ranges and `hstore` become JSON.

mod array;
mod composite;
mod hstore;
mod range;

use connector_core::Misfit;

use super::PostgresType;
use super::decoder::Decoder;
use super::lend::JsonText;
use super::value::PgValue;

pub(super) use array::write as write_array;
pub(super) use composite::write as write_composite;
pub(super) use range::{write as write_range, write_multirange};

/// The parts of a type that is known by its name alone: text.
fn unknown() -> Decoder {
    Decoder::plain(PostgresType::Text)
}

/// An array whose element type is not known.
pub(super) fn array(raw: PgValue<'_>) -> Result<JsonText, Misfit> {
    JsonText::write(|out| write_array(&unknown(), b',', raw, out))
}

/// A composite whose fields are not known: `f1`, `f2` and so on, as Postgres names them in a row without a type.
pub(super) fn composite(raw: PgValue<'_>) -> Result<JsonText, Misfit> {
    JsonText::write(|out| write_composite(&[], raw, out))
}

/// A range whose bounds' type is not known.
pub(super) fn range(raw: PgValue<'_>) -> Result<JsonText, Misfit> {
    JsonText::write(|out| write_range(&unknown(), raw, out))
}

/// A multirange whose bounds' type is not known.
pub(super) fn multirange(raw: PgValue<'_>) -> Result<JsonText, Misfit> {
    JsonText::write(|out| write_multirange(&unknown(), raw, out))
}

/// `{"key":"value","other":null}`.
pub(super) fn hstore(raw: PgValue<'_>) -> Result<JsonText, Misfit> {
    JsonText::write(|out| hstore::write(raw, out))
}
