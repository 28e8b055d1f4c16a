//! One row as COPY sends it: finds the fields in the message, without copying them.

use crate::types::PgValue;

/// How COPY writes rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CopyForm {
    Text,
    Binary,
}

impl CopyForm {
    /// A field that is not null.
    #[inline]
    pub(crate) fn value(self, bytes: &[u8]) -> PgValue<'_> {
        match self {
            Self::Text => PgValue::Text(bytes),
            Self::Binary => PgValue::Binary(bytes),
        }
    }
}

/// What binary COPY begins with: a signature, flags and the length of an extension that has never been there.
const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0";
const FLAGS_AND_EXTENSION: usize = 8;

/// Where the fields of the current row are. Kept from row to row, so that a row costs no allocation.
#[derive(Debug, Default)]
pub(crate) struct Fields {
    spans: Vec<Span>,
    /// The fields of a text row that held escapes, as they are without.
    unescaped: Vec<u8>,
    /// Whether the spans point into `unescaped`.
    own: bool,
    /// Whether the header of a binary copy was passed.
    begun: bool,
}

/// Where a field stands: its start and its end.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span(usize, usize);

impl Span {
    /// No place: it ends before it starts.
    const NULL: Self = Self(1, 0);

    /// The field; `None` is null.
    #[inline]
    pub(crate) fn of(self, source: &[u8]) -> Option<&[u8]> {
        source.get(self.0..self.1)
    }
}

/// What is wrong with a message of COPY.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BadCopy {
    #[error("a binary copy does not begin with its signature")]
    Signature,
    #[error("a row of a copy ends in the middle of a field")]
    Short,
    #[error("a row of a copy has {found} fields, not {expected}")]
    Width { found: usize, expected: usize },
    #[error("a row of a copy goes on behind its last field")]
    Long,
    #[error("a field of a copy ends in the middle of an escape")]
    Escape,
}

impl Fields {
    /// Forgets the copy before.
    pub(crate) fn reset(&mut self) {
        self.begun = false;
    }

    /// Whether the header of a binary copy was read.
    #[inline]
    pub(crate) fn has_begun(&self) -> bool {
        self.begun
    }

    /// Finds the fields of the next row. `false`: the message is the end of the copy.
    ///
    /// # Errors
    /// When the message is not one whole row of `width` fields, as servers send it.
    pub(crate) fn read(
        &mut self,
        message: &[u8],
        form: CopyForm,
        width: usize,
    ) -> Result<bool, BadCopy> {
        match form {
            CopyForm::Text => self.read_text(message, width).map(|()| true),
            CopyForm::Binary => self.read_binary(message, width),
        }
    }

    /// A field of the row that was read from `message`.
    #[inline]
    pub(crate) fn value<'m>(
        &'m self,
        message: &'m [u8],
        form: CopyForm,
        place: usize,
    ) -> PgValue<'m> {
        let span = self.spans.get(place).copied();
        let bytes = span.and_then(|span| span.of(self.source(message)));
        bytes.map_or(PgValue::Null, |bytes| form.value(bytes))
    }

    /// Where the fields of the row that was read stand, if the last [`read`](Self::read) found one.
    #[inline]
    pub(crate) fn spans(&self) -> &[Span] {
        &self.spans
    }

    /// What the spans are places in, of the row that was read from `message`.
    #[inline]
    pub(crate) fn source<'m>(&'m self, message: &'m [u8]) -> &'m [u8] {
        if self.own { &self.unescaped } else { message }
    }

    fn read_binary(&mut self, message: &[u8], width: usize) -> Result<bool, BadCopy> {
        let mut at = 0;
        self.own = false;
        if !self.begun {
            if !message.starts_with(SIGNATURE) {
                return Err(BadCopy::Signature);
            }
            at = SIGNATURE.len() + FLAGS_AND_EXTENSION;
            self.begun = true;
            // Servers put the first row behind the header; a message of its own would be as good.
            if at == message.len() {
                return Err(BadCopy::Short);
            }
        }
        let (count, mut rest) = (message.get(at..))
            .and_then(|rest| rest.split_first_chunk())
            .ok_or(BadCopy::Short)?;
        let Ok(found) = usize::try_from(i16::from_be_bytes(*count)) else {
            return Ok(false);
        };
        if found != width {
            return Err(BadCopy::Width {
                found,
                expected: width,
            });
        }
        self.spans.resize(width, Span::NULL);
        for span in &mut self.spans {
            let (length, behind) = rest.split_first_chunk().ok_or(BadCopy::Short)?;
            let Ok(length) = usize::try_from(i32::from_be_bytes(*length)) else {
                *span = Span::NULL;
                rest = behind;
                continue;
            };
            let (_, next) = behind.split_at_checked(length).ok_or(BadCopy::Short)?;
            *span = Span(message.len() - behind.len(), message.len() - next.len());
            rest = next;
        }
        if rest.is_empty() {
            Ok(true)
        } else {
            Err(BadCopy::Long)
        }
    }

    fn read_text(&mut self, message: &[u8], width: usize) -> Result<(), BadCopy> {
        let line = message.strip_suffix(b"\n").unwrap_or(message);
        self.spans.clear();
        self.own = memchr::memchr(b'\\', line).is_some_and(|_| has_escapes(line));
        if self.own {
            self.unescape(line)?;
        } else {
            let mut start = 0;
            for tab in memchr::memchr_iter(b'\t', line).chain([line.len()]) {
                let null = line.get(start..tab) == Some(NULL);
                self.spans
                    .push(if null { Span::NULL } else { Span(start, tab) });
                start = tab + 1;
            }
        }
        // A row without columns is an empty line.
        if width == 0 && line.is_empty() {
            self.spans.clear();
        }
        let found = self.spans.len();
        if found == width {
            Ok(())
        } else {
            Err(BadCopy::Width {
                found,
                expected: width,
            })
        }
    }

    fn unescape(&mut self, line: &[u8]) -> Result<(), BadCopy> {
        self.unescaped.clear();
        for field in line.split(|&byte| byte == b'\t') {
            if field == NULL {
                self.spans.push(Span::NULL);
                continue;
            }
            let start = self.unescaped.len();
            let mut rest = field;
            while let Some(at) = memchr::memchr(b'\\', rest) {
                let (plain, escape) = rest.split_at(at);
                self.unescaped.extend_from_slice(plain);
                let (byte, behind) = match escape {
                    [_, letter, behind @ ..] => (unescaped(*letter), behind),
                    _ => return Err(BadCopy::Escape),
                };
                self.unescaped.push(byte);
                rest = behind;
            }
            self.unescaped.extend_from_slice(rest);
            self.spans.push(Span(start, self.unescaped.len()));
        }
        Ok(())
    }
}

const NULL: &[u8] = b"\\N";

/// Whether a backslash is anything else than a null's.
fn has_escapes(line: &[u8]) -> bool {
    line.split(|&byte| byte == b'\t')
        .any(|field| field != NULL && field.contains(&b'\\'))
}

/// The byte that the server writes as a backslash and this letter.
fn unescaped(letter: u8) -> u8 {
    match letter {
        b'b' => 0x08,
        b'f' => 0x0C,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'v' => 0x0B,
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(line: &str, width: usize) -> Result<Vec<Option<String>>, BadCopy> {
        let mut fields = Fields::default();
        fields.read(line.as_bytes(), CopyForm::Text, width)?;
        Ok((0..width)
            .map(
                |place| match fields.value(line.as_bytes(), CopyForm::Text, place) {
                    PgValue::Text(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
                    _ => None,
                },
            )
            .collect())
    }

    #[test]
    fn text_rows_are_taken_apart() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            text("1\tone\t\\N\n", 3),
            Ok(vec![some("1"), some("one"), None])
        );
        assert_eq!(text("\t\n", 2), Ok(vec![some(""), some("")]));
        assert_eq!(
            text("a\\tb\\\\N\t\\N\tx\\n\n", 3),
            Ok(vec![some("a\tb\\N"), None, some("x\n")])
        );
        assert_eq!(text("\n", 1), Ok(vec![some("")]));
        assert_eq!(text("\n", 0), Ok(vec![]));
        assert_eq!(
            text("1\t2\n", 3),
            Err(BadCopy::Width {
                found: 2,
                expected: 3
            })
        );
        assert_eq!(text("x\\", 1), Err(BadCopy::Escape));
    }

    #[test]
    fn binary_rows_are_taken_apart() {
        let mut message = SIGNATURE.to_vec();
        message.extend([0; 8]);
        message.extend([0, 2, 0, 0, 0, 1, b'x', 0xFF, 0xFF, 0xFF, 0xFF]);
        let mut fields = Fields::default();
        assert_eq!(fields.read(&message, CopyForm::Binary, 2), Ok(true));
        assert!(matches!(
            fields.value(&message, CopyForm::Binary, 0),
            PgValue::Binary(b"x")
        ));
        assert!(matches!(
            fields.value(&message, CopyForm::Binary, 1),
            PgValue::Null
        ));
        assert_eq!(fields.read(&[0xFF, 0xFF], CopyForm::Binary, 2), Ok(false));
        assert_eq!(
            fields.read(&[0, 2, 0, 0, 0, 9, 1], CopyForm::Binary, 2),
            Err(BadCopy::Short)
        );
        assert_eq!(
            fields.read(&[0, 0, 1], CopyForm::Binary, 0),
            Err(BadCopy::Long)
        );
        fields.reset();
        assert_eq!(
            fields.read(b"PGCOPY", CopyForm::Binary, 2),
            Err(BadCopy::Signature)
        );
    }

    #[test]
    fn no_row_of_a_copy_panics_or_hangs() {
        let row = [0, 3, 0, 0, 0, 1, b'x', 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0];
        let first = [SIGNATURE, &[0; 8], &row].concat();
        let seeds = vec![
            b"1\tone\t\\N\n".to_vec(),
            b"a\\tb\\\\N\t\\N\tx\\n\n".to_vec(),
            b"\\x41\t\\101\t\n".to_vec(),
            first,
            row.to_vec(),
            vec![0xFF, 0xFF],
        ];
        let tried = connector_conformance::fuzz::survives("a row of a copy", seeds, |bytes| {
            for form in [CopyForm::Text, CopyForm::Binary] {
                for (begun, width) in (0..5).flat_map(|width| [(false, width), (true, width)]) {
                    let mut fields = Fields {
                        begun,
                        ..Fields::default()
                    };
                    if fields.read(bytes, form, width) != Ok(true) {
                        continue;
                    }
                    for place in 0..width {
                        if let PgValue::Text(value) | PgValue::Binary(value) =
                            fields.value(bytes, form, place)
                        {
                            assert!(value.len() <= bytes.len());
                        }
                    }
                }
            }
        });
        assert!(tried >= 2000, "{tried}");
    }
}
