//! The buffer of a column of texts.

use std::fmt;

use crate::value::Misfit;

/// Texts of any length, one after another, in Arrow's memory layout.
///
/// Each is UTF-8 by itself, and there is no way to make a `Texts` of which that is not so: text comes in as `str`, and an offset
/// is never set but where a text ends. So whoever takes the buffers has nothing to check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Texts {
    /// Where each text starts, and where the last one ends: one more than there are texts. The first is 0, none is below
    /// the one before or past the end of `content`, and each is at the boundary of a character.
    offsets: Vec<i32>,
    content: String,
}

impl Texts {
    /// No texts, with room for the offsets of so many.
    pub(super) fn with_capacity(rows: usize) -> Self {
        let mut offsets = Vec::with_capacity(rows + 1);
        offsets.push(0);
        Self {
            offsets,
            content: String::new(),
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
        let start = usize::try_from(*self.offsets.get(row)?).ok()?;
        let end = usize::try_from(*self.offsets.get(row + 1)?).ok()?;
        self.content.get(start..end)
    }

    /// Where each text starts, and where the last one ends, in bytes of [`content`](Self::content): one more than there
    /// are texts.
    pub fn offsets(&self) -> &[i32] {
        &self.offsets
    }

    /// All texts, one after another.
    pub fn content(&self) -> &str {
        &self.content
    }

    /// [`offsets`](Self::offsets) and [`content`](Self::content), to be another library's buffers without a copy.
    ///
    /// The offsets begin with 0, never fall, and do not pass the end of the content; each is at the boundary of a
    /// character.
    pub fn into_parts(self) -> (Vec<i32>, String) {
        (self.offsets, self.content)
    }

    /// Appends a text.
    pub(crate) fn push(&mut self, text: &str) -> Result<(), Misfit> {
        self.push_plain(text).map(drop).ok_or(Misfit::TooLong)
    }

    /// The same, and gives the text's bytes; `None` where there is no room for them in a column.
    #[inline]
    pub(super) fn push_plain(&mut self, text: &str) -> Option<usize> {
        let end = i32::try_from(self.content.len() + text.len()).ok()?;
        self.content.push_str(text);
        self.offsets.push(end);
        Some(text.len())
    }

    /// Appends many texts. `false` where there is no room for all of them in a column: what was appended is then to be
    /// taken back.
    #[inline]
    pub(super) fn append_all<'v>(&mut self, texts: impl Iterator<Item = &'v str>) -> bool {
        let Self { offsets, content } = self;
        let mut end = offsets.last().copied().unwrap_or_default();
        offsets.extend(texts.map(|text| {
            content.push_str(text);
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
        // Writing to a `String` fails only where a `Display` does, and none here does.
        let written = fmt::Write::write_fmt(&mut self.content, text).is_ok();
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
    }

    pub(super) fn byte_size(&self) -> usize {
        size_of_val(self.offsets.as_slice()) + self.content.len()
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
        Truncate(usize),
    }

    fn step() -> impl Strategy<Value = Step> {
        let text = || "[aż€🦀\0]{0,6}";
        prop_oneof![
            text().prop_map(Step::Push),
            text().prop_map(Step::Write),
            Just(Step::Empty),
            prop::collection::vec(text(), 0..4).prop_map(Step::Many),
            (0..12_usize).prop_map(Step::Truncate),
        ]
    }

    proptest! {
        #[test]
        fn offsets_stay_at_the_ends_of_texts_whatever_is_done(steps in prop::collection::vec(step(), 0..40)) {
            let mut texts = Texts::with_capacity(0);
            let mut model: Vec<String> = Vec::new();
            for step in steps {
                match step {
                    Step::Push(text) => {
                        texts.push(&text).unwrap();
                        model.push(text);
                    }
                    Step::Write(text) => {
                        texts.write(format_args!("{text}!")).unwrap();
                        model.push(text + "!");
                    }
                    Step::Empty => {
                        texts.push_empty();
                        model.push(String::new());
                    }
                    Step::Many(many) => {
                        prop_assert!(texts.append_all(many.iter().map(String::as_str)));
                        model.extend(many);
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
                prop_assert_eq!(texts.get(row), Some(text.as_str()));
            }
            let (offsets, content) = texts.into_parts();
            prop_assert_eq!(content.len(), model.iter().map(String::len).sum::<usize>());
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
