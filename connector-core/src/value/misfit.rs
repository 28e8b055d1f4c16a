//! Why a value does not fit.

use crate::types::FieldType;

/// Why a value does not fit a type.
///
/// `Display` gives the reason only; table, column, external type and a preview of the value are for the caller to
/// add.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Misfit {
    /// No value of this kind has a meaning in the column's type.
    #[error("wrong kind of value: {found}")]
    WrongKind {
        /// The kind that was handed over, as [`Value::kind`](crate::Value::kind) names it.
        found: &'static str,
    },
    /// The value is of a fitting kind and too great, or too small.
    #[error("out of range for {}", .0.describe())]
    OutOfRange(FieldType),
    /// A NaN or an infinity, where only numbers are held.
    #[error("not a finite number")]
    NotFinite,
    /// Only a rounded value could be held.
    #[error("cannot be held without rounding")]
    Inexact,
    /// The text is not written as the type wants it.
    #[error("not {what}")]
    Syntax {
        /// What was expected, with an article: "a date: there is no month 13".
        what: String,
    },
    /// A null, where the column is not nullable.
    #[error("null in a column that is not nullable")]
    Null,
    /// A value that the source did not send, where only sent ones are taken.
    #[error(
        "not sent by the source, as it did not change: only a field of type `Sent<T>` takes that"
    )]
    Unchanged,
    /// The column buffer, or the type, holds no text or bytes of this length.
    #[error("too long: one column buffer holds at most 2147483647 bytes")]
    TooLong,
    /// Another reason, from a connector's own cast.
    #[error("{0}")]
    Other(String),
}

impl Misfit {
    /// A text that is not what was expected.
    pub(crate) fn syntax(what: impl Into<String>) -> Self {
        Self::Syntax { what: what.into() }
    }
}
