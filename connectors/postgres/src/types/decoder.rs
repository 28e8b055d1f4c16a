//! One column's way from the wire into its buffer.

use connector_core::{Cast, Column, ColumnTypes as _, FieldType, Misfit};

use super::PostgresType;
use super::casts::numeric;
use super::nested::{write_array, write_composite, write_multirange, write_range};
use super::value::PgValue;

/// How the values of one column are read; made once per column by [`TypeCatalog::resolve`](super::TypeCatalog::resolve).
#[derive(Debug, Clone)]
pub struct Decoder {
    typ: PostgresType,
    cast: Cast<PostgresType>,
    parts: Parts,
}

/// What a type is made of.
#[derive(Debug, Clone)]
pub(super) enum Parts {
    /// The type is plain: its own cast does all.
    None,
    Array {
        element: Box<Decoder>,
        delimiter: u8,
    },
    Composite(Vec<(String, Decoder)>),
    Range(Box<Decoder>),
    Multirange(Box<Decoder>),
}

impl Decoder {
    pub(super) fn plain(typ: PostgresType) -> Self {
        Self {
            typ,
            cast: match typ {
                PostgresType::SizedNumeric { .. } => numeric::append_sized,
                _ => typ.cast(),
            },
            parts: Parts::None,
        }
    }

    pub(super) fn made_of(parts: Parts) -> Self {
        let typ = match &parts {
            Parts::None => PostgresType::Other,
            Parts::Array { .. } => PostgresType::Array,
            Parts::Composite(_) => PostgresType::Composite,
            Parts::Range(_) => PostgresType::Range,
            Parts::Multirange(_) => PostgresType::Multirange,
        };
        Self {
            parts,
            ..Self::plain(typ)
        }
    }

    /// The type in the table of types; a domain is its base type.
    pub fn postgres_type(&self) -> PostgresType {
        self.typ
    }

    /// What the column becomes.
    pub fn field_type(&self) -> FieldType {
        // Nothing unsupported is ever resolved.
        self.typ.field_type().unwrap_or(FieldType::Text)
    }

    /// See [`PostgresType::binary_saves`].
    pub fn binary_saves(&self) -> i32 {
        self.typ.binary_saves()
    }

    /// Whether the binary form can be read, too, of the type and of all its parts.
    pub fn has_binary_form(&self) -> bool {
        self.typ.has_binary_form()
            && match &self.parts {
                Parts::None => true,
                Parts::Array { element, .. } => element.has_binary_form(),
                Parts::Composite(fields) => {
                    fields.iter().all(|(_, decoder)| decoder.has_binary_form())
                }
                Parts::Range(bound) | Parts::Multirange(bound) => bound.has_binary_form(),
            }
    }

    /// Appends one value.
    ///
    /// # Errors
    /// When the value does not fit; then nothing was appended.
    #[inline]
    pub fn append(&self, raw: PgValue<'_>, column: &mut Column) -> Result<(), Misfit> {
        if let Parts::None = self.parts {
            return (self.cast)(&self.typ, raw, column);
        }
        self.append_parts(raw, column)
    }

    fn append_parts(&self, raw: PgValue<'_>, column: &mut Column) -> Result<(), Misfit> {
        match raw {
            PgValue::Null => {
                column.push_null();
                Ok(())
            }
            raw => {
                let mut json = Vec::new();
                self.write_parts(raw, &mut json)?;
                let json = String::from_utf8(json)
                    .map_err(|_| Misfit::Other("text that is not UTF-8".to_owned()))?;
                column.push_json(&json)
            }
        }
    }

    fn write_parts(&self, raw: PgValue<'_>, out: &mut Vec<u8>) -> Result<(), Misfit> {
        match &self.parts {
            Parts::None => self.element().write(raw, out),
            Parts::Array { element, delimiter } => write_array(element, *delimiter, raw, out),
            Parts::Composite(fields) => write_composite(fields, raw, out),
            Parts::Range(bound) => write_range(bound, raw, out),
            Parts::Multirange(bound) => write_multirange(bound, raw, out),
        }
    }

    /// The same within a JSON document.
    pub(super) fn element(&self) -> Element<'_> {
        Element {
            decoder: self,
            column: Column::new(self.field_type()),
        }
    }
}

/// Writes values as JSON: what a column of their type would hold.
pub(super) struct Element<'d> {
    decoder: &'d Decoder,
    /// Room for one value.
    column: Column,
}

impl Element<'_> {
    pub(super) fn write(&mut self, raw: PgValue<'_>, out: &mut Vec<u8>) -> Result<(), Misfit> {
        match (raw, &self.decoder.parts) {
            (PgValue::Null, _) => out.extend_from_slice(b"null"),
            (raw, Parts::None) => {
                self.column.truncate(0);
                (self.decoder.cast)(&self.decoder.typ, raw, &mut self.column)?;
                self.column.value(0).write_json(out);
            }
            (raw, _) => self.decoder.write_parts(raw, out)?,
        }
        Ok(())
    }
}
