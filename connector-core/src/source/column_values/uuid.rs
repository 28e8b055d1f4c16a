//! `uuid`'s type as a column: text in its usual form.

use uuid::Uuid;

use super::super::{ColumnValue, FromValue};
use super::wrong_kind;
use crate::types::FieldType;
use crate::value::{Misfit, UuidText, Value};

impl ColumnValue for Uuid {
    const FIELD_TYPE: FieldType = FieldType::String;

    #[inline]
    fn with_value<R>(&self, take: impl FnOnce(Value<'_>) -> R) -> R {
        take(Value::Uuid(self.into_bytes()))
    }

    #[inline]
    fn text_bytes(&self) -> Option<usize> {
        Some(uuid::fmt::Hyphenated::LENGTH)
    }

    push_all_as!(|id| UuidText(id.into_bytes()));
}

impl<'r> FromValue<'r> for Uuid {
    fn from_value(value: Value<'r>) -> Result<Self, Misfit> {
        match value {
            Value::Uuid(bytes) => Ok(Self::from_bytes(bytes)),
            Value::Text(text) => Self::try_parse(text).map_err(|error| Misfit::Syntax {
                what: format!("a UUID: {error}"),
            }),
            Value::Bytes(bytes) => Self::from_slice(bytes).map_err(|error| Misfit::Syntax {
                what: format!("a UUID: {error}"),
            }),
            other => Err(wrong_kind(other)),
        }
    }
}
