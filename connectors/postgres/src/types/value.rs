//! A value as Postgres lends it, in one of its two wire forms.

use connector_core::{Column, Misfit, RawValue, Value, utf8};

/// One value, borrowed from the message that it came in.
///
/// `COPY … TO STDOUT` and logical replication send the same two forms: the output of the type's text function (for `COPY`
/// after its own escapes are taken away), or of its binary one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PgValue<'r> {
    /// SQL's null.
    Null,
    /// Stored out of line and not touched by an update, so not sent.
    Unchanged,
    /// The text form, in UTF-8 as the session asks for.
    Text(&'r [u8]),
    /// The binary form.
    Binary(&'r [u8]),
}

/// A value that is there, in the form that it came in.
#[derive(Debug, Clone, Copy)]
pub(super) enum Form<'r> {
    Text(&'r [u8]),
    Binary(&'r [u8]),
}

impl<'r> PgValue<'r> {
    /// The value for an error message, cut at about 40 characters.
    pub fn preview(self) -> String {
        match self {
            Self::Null => Value::Null.preview(),
            Self::Unchanged => Value::Unchanged.preview(),
            Self::Binary(bytes) => Value::Bytes(bytes).preview(),
            Self::Text(text) => match std::str::from_utf8(text) {
                Ok(text) => Value::Text(text).preview(),
                Err(_) => Value::Bytes(text).preview(),
            },
        }
    }

    #[inline]
    pub(super) fn form(self) -> Result<Form<'r>, Misfit> {
        match self {
            Self::Text(text) => Ok(Form::Text(text)),
            Self::Binary(bytes) => Ok(Form::Binary(bytes)),
            Self::Null => Err(Misfit::Null),
            Self::Unchanged => Err(Misfit::Unchanged),
        }
    }

    /// A value of a type whose two forms are one: its text.
    #[inline]
    pub(super) fn text(self) -> Result<&'r str, Misfit> {
        match self.form()? {
            Form::Text(text) | Form::Binary(text) => utf8(text),
        }
    }
}

impl<'r> RawValue<'r> for PgValue<'r> {
    #[inline]
    fn append_to(self, column: &mut Column) -> Result<(), Misfit> {
        match self {
            Self::Text(text) | Self::Binary(text) => column.push_str(utf8(text)?),
            Self::Null => {
                column.push_null();
                Ok(())
            }
            Self::Unchanged => {
                column.push_unchanged();
                Ok(())
            }
        }
    }

    #[inline]
    fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    fn from_value(value: Value<'r>) -> Option<Self> {
        match value {
            Value::Null => Some(Self::Null),
            Value::Unchanged => Some(Self::Unchanged),
            Value::Bool(true) => Some(Self::Text(b"t")),
            Value::Bool(false) => Some(Self::Text(b"f")),
            // JSON comes as any text does: nothing tells it apart from an array's or another type's.
            Value::Text(text) | Value::DecimalText(text) => Some(Self::Text(text.as_bytes())),
            Value::Bytes(bytes) => Some(Self::Binary(bytes)),
            _ => None,
        }
    }
}
