//! Texts as an array, without a second look at them. All `unsafe` code of the crate is in this file.
#![expect(
    unsafe_code,
    reason = "Arrow's checked constructor looks at every byte again, a third of the time of reading a table of long texts"
)]

use std::sync::Arc;

use arrow_array::{ArrayRef, StringArray};
use arrow_buffer::{Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::ArrowError;
use connector_core::Texts;

/// The array of these texts, in their memory. A debug build checks all that a release build takes from the types.
pub(crate) fn array(texts: Texts, nulls: Option<NullBuffer>) -> Result<ArrayRef, ArrowError> {
    let (offsets, content) = texts.into_parts();
    let rows = offsets.len().saturating_sub(1);
    if let Some(nulls) = nulls.as_ref().filter(|nulls| nulls.len() != rows) {
        return Err(ArrowError::InvalidArgumentError(format!(
            "a column of {rows} texts says of {} whether they are null",
            nulls.len()
        )));
    }
    let offsets = ScalarBuffer::from(offsets);
    let content = Buffer::from_vec(content.into_bytes());
    if cfg!(debug_assertions) {
        let offsets = OffsetBuffer::new(offsets);
        return Ok(Arc::new(StringArray::try_new(offsets, content, nulls)?));
    }
    // SAFETY: what `OffsetBuffer::new` would check. `Texts` has one offset more than texts, the first is 0, and each
    // is the length that the content had when a text had been added, so none is below the one before; its fields are its own,
    // so that nothing else can have set them.
    let offsets = unsafe { OffsetBuffer::new_unchecked(offsets) };
    // SAFETY: what `StringArray::try_new` would check. The content was a `String`, so it is UTF-8 as a whole; each offset
    // is where a text ends that is UTF-8 by itself, so it is at the boundary of a character and not past the end; and there are as
    // many nulls as texts, by the check above.
    Ok(Arc::new(unsafe {
        StringArray::new_unchecked(offsets, content, nulls)
    }))
}
