//! The buffer of a column of texts.
#![expect(
    unsafe_code,
    reason = "what was validated is not validated a second time"
)]

use std::fmt;

use super::data::slice;
use crate::value::{Misfit, utf8};

/// Texts of any length, one after another, in Arrow's memory layout.
///
/// Each is UTF-8 by itself: text comes in as `str`, or is validated before the batch is closed, and an offset is never set but
/// where a text ends. So whoever takes the buffers has nothing to check. What was not validated yet, which only somebody can meet
/// who is given a column while rows are lent, is never given out as text.
#[derive(Clone, PartialEq, Eq)]
pub struct Texts {
    /// Where each text starts, and where the last one ends: one more than there are texts. The first is 0, and none is below
    /// the one before or past the end of `content`.
    offsets: Vec<i32>,
    content: Vec<u8>,
    /// The first text that was not validated: each before it is UTF-8, and so is all that lies before its start. `usize::MAX` where
    /// there is none.
    unvalidated: usize,
}

impl Texts {
    /// No texts, with room for the offsets of so many.
    pub(super) fn with_capacity(rows: usize) -> Self {
        let mut offsets = Vec::with_capacity(rows + 1);
        offsets.push(0);
        Self {
            offsets,
            content: Vec::new(),
            unvalidated: usize::MAX,
        }
    }

    /// Makes room for so many bytes.
    pub(super) fn reserve(&mut self, bytes: usize) {
        self.content.reserve(bytes);
    }

    /// How many texts there are.
    #[inline]
    pub const fn len(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// One text; `None` past the end.
    #[inline]
    pub fn get(&self, row: usize) -> Option<&str> {
        let text = slice(&self.offsets, &self.content, row)?;
        if row >= self.unvalidated {
            return validated(text);
        }
        // SAFETY: it was validated.
        Some(unsafe { str::from_utf8_unchecked(text) })
    }

    /// Where each text starts, and where the last one ends, in bytes of [`content`](Self::content): one more than there
    /// are texts.
    pub fn offsets(&self) -> &[i32] {
        &self.offsets
    }

    /// All texts, one after another, up to the first that was not validated yet.
    pub fn content(&self) -> &str {
        let end = self.start(self.unvalidated).unwrap_or(self.content.len());
        let seen = self.content.get(..end).unwrap_or_default();
        // SAFETY: these texts were validated.
        unsafe { str::from_utf8_unchecked(seen) }
    }

    /// Where a text starts.
    fn start(&self, row: usize) -> Option<usize> {
        usize::try_from(*self.offsets.get(row)?).ok()
    }

    /// The bytes of all texts.
    pub(super) fn content_bytes(&self) -> usize {
        self.content.len()
    }

    /// [`offsets`](Self::offsets) and [`content`](Self::content), to be another library's buffers without a copy.
    ///
    /// The offsets begin with 0, never fall, and do not pass the end of the content; each is at the boundary of a
    /// character. A text that was not validated yet and is not UTF-8 is left out, with all that follow.
    pub fn into_parts(mut self) -> (Vec<i32>, String) {
        if let Err(row) = self.validate() {
            self.truncate(row);
        }
        // SAFETY: all that is left was validated.
        let content = unsafe { String::from_utf8_unchecked(self.content) };
        (self.offsets, content)
    }

    /// Appends a text.
    pub(crate) fn push(&mut self, text: &str) -> Result<(), Misfit> {
        self.push_plain(text).map(drop).ok_or(Misfit::TooLong)
    }

    /// The same, and gives the text's bytes; `None` where there is no room for them in a column.
    #[inline]
    pub(super) fn push_plain(&mut self, text: &str) -> Option<usize> {
        self.push_bytes(text.as_bytes())
    }

    #[inline]
    fn push_bytes(&mut self, text: &[u8]) -> Option<usize> {
        let end = i32::try_from(self.content.len() + text.len()).ok()?;
        self.content.extend_from_slice(text);
        self.offsets.push(end);
        Some(text.len())
    }

    /// Appends a text that is not validated before [`validate`](Self::validate) is called, which it has to be; else as
    /// [`push_plain`](Self::push_plain).
    #[inline]
    pub(super) fn push_unvalidated(&mut self, text: &[u8]) -> Option<usize> {
        let row = self.len();
        let pushed = self.push_bytes(text)?;
        self.unvalidated = self.unvalidated.min(row);
        Some(pushed)
    }

    /// Validates the texts that were not validated yet, all at once: half the work of validating each.
    ///
    /// # Errors
    /// The first row whose text is not UTF-8. It is to be taken away, with all that follow.
    pub(super) fn validate(&mut self) -> Result<(), usize> {
        let first = self.unvalidated;
        let Some(unvalidated) = (self.start(first)).and_then(|start| self.content.get(start..))
        else {
            return Ok(());
        };
        let is_boundary = |offset: &i32| {
            let byte = usize::try_from(*offset).map(|offset| self.content.get(offset));
            byte.is_ok_and(|byte| byte.is_none_or(|byte| byte & 0b1100_0000 != 0b1000_0000))
        };
        let mut offsets = self.offsets.iter().skip(first);
        if unvalidated.is_ascii() || (utf8(unvalidated).is_ok() && offsets.all(is_boundary)) {
            self.unvalidated = usize::MAX;
            return Ok(());
        }
        let is_wrong = |row: &usize| self.bytes(*row).is_some_and(|text| utf8(text).is_err());
        let wrong = (first..self.len()).find(is_wrong).unwrap_or(first);
        self.unvalidated = wrong;
        Err(wrong)
    }

    /// The bytes of one text; `None` past the end.
    pub(super) fn bytes(&self, row: usize) -> Option<&[u8]> {
        slice(&self.offsets, &self.content, row)
    }

    /// Appends many texts. `false` where there is no room for all of them in a column: what was appended is then to be
    /// taken back.
    #[inline]
    pub(super) fn append_all<'v>(&mut self, texts: impl Iterator<Item = &'v str>) -> bool {
        let Self {
            offsets, content, ..
        } = self;
        let mut end = offsets.last().copied().unwrap_or_default();
        offsets.extend(texts.map(|text| {
            content.extend_from_slice(text.as_bytes());
            end = i32::try_from(content.len()).unwrap_or(end);
            end
        }));
        i32::try_from(content.len()).is_ok()
    }

    /// Appends the empty text, which always has room.
    #[inline]
    pub(super) fn push_empty(&mut self) {
        self.offsets
            .push(self.offsets.last().copied().unwrap_or_default());
    }

    /// Appends what is written, with nothing allocated in between.
    pub(crate) fn write(&mut self, text: fmt::Arguments<'_>) -> Result<(), Misfit> {
        let start = self.content.len();
        // Writing fails only where a `Display` does, and none here does.
        let written = fmt::Write::write_fmt(&mut End(&mut self.content), text).is_ok();
        match i32::try_from(self.content.len()) {
            Ok(end) if written => {
                self.offsets.push(end);
                Ok(())
            }
            _ => {
                self.content.truncate(start);
                Err(Misfit::TooLong)
            }
        }
    }

    /// Keeps the first `len` texts.
    pub(super) fn truncate(&mut self, len: usize) {
        self.offsets.truncate(len + 1);
        let end = self.offsets.last().copied().unwrap_or_default();
        self.content
            .truncate(usize::try_from(end).unwrap_or_default());
        if len <= self.unvalidated {
            self.unvalidated = usize::MAX;
        }
    }

    pub(super) fn byte_size(&self) -> usize {
        size_of_val(self.offsets.as_slice()) + self.content.len()
    }
}

#[cold]
fn validated(text: &[u8]) -> Option<&str> {
    utf8(text).ok()
}

impl fmt::Debug for Texts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let texts = (0..self.len()).map(|row| self.get(row));
        f.debug_list().entries(texts).finish()
    }
}

/// The end of the content, where text is written.
struct End<'c>(&'c mut Vec<u8>);

impl fmt::Write for End<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What is done to a column's texts.
    #[derive(Debug, Clone)]
    enum Step {
        Push(String),
        Write(String),
        Empty,
        Many(Vec<String>),
        Unvalidated(Vec<u8>),
        Validate,
        Truncate(usize),
    }

    fn step() -> impl Strategy<Value = Step> {
        let text = || "[aż€🦀\0]{0,6}";
        prop_oneof![
            text().prop_map(Step::Push),
            text().prop_map(Step::Write),
            Just(Step::Empty),
            prop::collection::vec(text(), 0..4).prop_map(Step::Many),
            text().prop_map(|text| Step::Unvalidated(text.into_bytes())),
            // Halves of characters, too.
            prop::collection::vec(prop::sample::select(b"a\xc5\xbc".as_slice()), 0..3)
                .prop_map(Step::Unvalidated),
            Just(Step::Validate),
            (0..12_usize).prop_map(Step::Truncate),
        ]
    }

    proptest! {
        #[test]
        fn offsets_stay_at_the_ends_of_texts_whatever_is_done(steps in prop::collection::vec(step(), 0..40)) {
            let mut texts = Texts::with_capacity(0);
            let mut model: Vec<Vec<u8>> = Vec::new();
            let wrong = |model: &[Vec<u8>]| {
                model.iter().position(|text| str::from_utf8(text).is_err())
            };
            for step in steps {
                match step {
                    Step::Push(text) => {
                        texts.push(&text).unwrap();
                        model.push(text.into_bytes());
                    }
                    Step::Write(text) => {
                        texts.write(format_args!("{text}!")).unwrap();
                        model.push((text + "!").into_bytes());
                    }
                    Step::Empty => {
                        texts.push_empty();
                        model.push(Vec::new());
                    }
                    Step::Many(many) => {
                        prop_assert!(texts.append_all(many.iter().map(String::as_str)));
                        model.extend(many.into_iter().map(String::into_bytes));
                    }
                    Step::Unvalidated(text) => {
                        prop_assert_eq!(texts.push_unvalidated(&text), Some(text.len()));
                        model.push(text);
                    }
                    Step::Validate => {
                        let wrong = wrong(&model);
                        prop_assert_eq!(texts.validate().err(), wrong);
                        // Whoever validates takes the wrong one away.
                        if let Some(wrong) = wrong {
                            texts.truncate(wrong);
                            model.truncate(wrong);
                        }
                        prop_assert_eq!(texts.content().as_bytes(), model.concat());
                    }
                    Step::Truncate(len) if len <= model.len() => {
                        texts.truncate(len);
                        model.truncate(len);
                    }
                    Step::Truncate(_) => {}
                }
            }
            prop_assert_eq!(texts.len(), model.len());
            prop_assert_eq!(texts.get(model.len()), None);
            for (row, text) in model.iter().enumerate() {
                prop_assert_eq!(texts.get(row), str::from_utf8(text).ok());
            }
            prop_assert!(model.concat().starts_with(texts.content().as_bytes()));
            prop_assert!(str::from_utf8(texts.content().as_bytes()).is_ok());
            model.truncate(wrong(&model).unwrap_or(model.len()));
            let (offsets, content) = texts.into_parts();
            prop_assert_eq!(offsets.len(), model.len() + 1);
            prop_assert_eq!(content.as_bytes(), model.concat());
            let mut end = 0;
            prop_assert_eq!(offsets.first(), Some(&0));
            for (offset, text) in offsets.iter().skip(1).zip(&model) {
                end += text.len();
                prop_assert_eq!(usize::try_from(*offset).unwrap(), end);
                prop_assert!(content.is_char_boundary(end));
            }
        }
    }

    #[test]
    fn what_is_taken_away_need_not_be_validated() {
        let mut texts = Texts::with_capacity(0);
        texts.push("ż").unwrap();
        texts.push_unvalidated(b"\xff").unwrap();
        assert_eq!((texts.content(), texts.get(1)), ("ż", None));
        texts.truncate(1);
        texts.push("a").unwrap();
        assert_eq!((texts.content(), texts.get(1)), ("ża", Some("a")));
    }

    #[test]
    fn a_text_that_cannot_be_written_to_its_end_leaves_nothing() {
        struct Broken;
        impl fmt::Display for Broken {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("ż")?;
                Err(fmt::Error)
            }
        }
        let mut texts = Texts::with_capacity(0);
        texts.push("a").unwrap();
        assert!(texts.write(format_args!("{Broken}")).is_err());
        texts.push("b").unwrap();
        assert_eq!(texts.into_parts(), (vec![0, 1, 2], "ab".to_owned()));
    }
}
