//! What a cast gives: values that are lent to the column, with nothing allocated where that can be.

use std::cell::Cell;
use std::fmt::{Display, Write as _};

use connector_core::{ColumnValue, FieldType, Misfit, Value};

thread_local! {
    /// One buffer per thread, for values that are put together before they go into a column.
    static SCRATCH: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// A longer buffer is given back after its use.
const KEPT: usize = 1 << 20;

/// An empty buffer that is there already.
pub(super) fn with_scratch<R>(using: impl FnOnce(&mut Vec<u8>) -> R) -> R {
    // Taken out while it is in use: one inside another finds an empty one.
    let mut buffer = SCRATCH.take();
    buffer.clear();
    let result = using(&mut buffer);
    if buffer.capacity() <= KEPT {
        SCRATCH.set(buffer);
    }
    result
}

/// Text: the server's own, or one that is written from a binary form.
#[derive(Debug, Clone, Copy)]
pub(super) enum Printed<'r, W> {
    AsIs(&'r str),
    Written(W),
}

impl<W: Display> ColumnValue for Printed<'_, W> {
    const FIELD_TYPE: FieldType = FieldType::String;

    fn with_value<R>(&self, take: impl FnOnce(Value<'_>) -> R) -> R {
        match self {
            Self::AsIs(text) => take(Value::Text(text)),
            Self::Written(written) => with_text(written, |text| take(Value::Text(text))),
        }
    }
}

/// Lends what is printed, for as long as the call lasts.
pub(super) fn with_text<R>(printed: &impl Display, take: impl FnOnce(&str) -> R) -> R {
    struct Utf8<'b>(&'b mut Vec<u8>);
    impl std::fmt::Write for Utf8<'_> {
        fn write_str(&mut self, text: &str) -> std::fmt::Result {
            self.0.extend_from_slice(text.as_bytes());
            Ok(())
        }
    }
    with_scratch(|buffer| {
        // No `Display` here fails.
        let _ = write!(Utf8(buffer), "{printed}");
        take(std::str::from_utf8(buffer).unwrap_or_default())
    })
}

/// A JSON document that the server checked when it was stored.
#[derive(Debug, Clone, Copy)]
pub(super) struct Json<'r>(pub(super) &'r str);

impl ColumnValue for Json<'_> {
    const FIELD_TYPE: FieldType = FieldType::Json;

    #[inline]
    fn with_value<R>(&self, take: impl FnOnce(Value<'_>) -> R) -> R {
        take(Value::Json(self.0))
    }
}

/// A JSON document that was written from a value.
#[derive(Debug, Clone)]
pub(super) struct JsonText(Vec<u8>);

impl JsonText {
    pub(super) fn write(
        writing: impl FnOnce(&mut Vec<u8>) -> Result<(), Misfit>,
    ) -> Result<Self, Misfit> {
        let mut out = Vec::new();
        writing(&mut out)?;
        Ok(Self(out))
    }

    pub(super) fn as_str(&self) -> &str {
        // It is put together from texts.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl ColumnValue for JsonText {
    const FIELD_TYPE: FieldType = FieldType::Json;

    fn with_value<R>(&self, take: impl FnOnce(Value<'_>) -> R) -> R {
        take(Value::Json(self.as_str()))
    }
}
