//! JSON, as far as reading a lock file needs it: a dependency for it would lengthen every author's clean build.

use std::iter::Peekable;
use std::str::Chars;

/// A document or a part of one.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Json {
    Null,
    Bool(bool),
    /// The number as it is written.
    Number(String),
    Text(String),
    List(Vec<Json>),
    Map(Vec<(String, Json)>),
}

/// Where the text stops being JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NotJson {
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) expected: &'static str,
}

/// How deep lists and maps may stand in each other.
const MAX_DEPTH: usize = 64;

impl Json {
    pub(super) fn read(text: &str) -> Result<Self, NotJson> {
        let mut reader = Reader {
            rest: text.chars().peekable(),
            line: 1,
            column: 1,
        };
        let document = reader.value(0)?;
        reader.blanks();
        match reader.rest.peek() {
            None => Ok(document),
            Some(_) => Err(reader.wrong("the end of the file")),
        }
    }

    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Map(entries) => (entries.iter().find(|(name, _)| name == key)).map(|(_, it)| it),
            _ => None,
        }
    }

    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    pub(super) fn number(&self) -> Option<usize> {
        match self {
            Self::Number(digits) => digits.parse().ok(),
            _ => None,
        }
    }

    pub(super) fn list(&self) -> Option<&[Self]> {
        match self {
            Self::List(items) => Some(items),
            _ => None,
        }
    }

    pub(super) fn map(&self) -> Option<&[(String, Self)]> {
        match self {
            Self::Map(entries) => Some(entries),
            _ => None,
        }
    }
}

struct Reader<'t> {
    rest: Peekable<Chars<'t>>,
    line: usize,
    column: usize,
}

impl Reader<'_> {
    fn wrong(&self, expected: &'static str) -> NotJson {
        NotJson {
            line: self.line,
            column: self.column,
            expected,
        }
    }

    fn next(&mut self) -> Option<char> {
        let next = self.rest.next()?;
        if next == '\n' {
            self.line += 1;
            self.column = 1;
        } else {
            self.column += 1;
        }
        Some(next)
    }

    /// Takes the next character if it is this one.
    fn takes(&mut self, wanted: char) -> bool {
        let is = self.rest.peek() == Some(&wanted);
        if is {
            self.next();
        }
        is
    }

    fn blanks(&mut self) {
        while matches!(self.rest.peek(), Some(' ' | '\t' | '\n' | '\r')) {
            self.next();
        }
    }

    fn value(&mut self, depth: usize) -> Result<Json, NotJson> {
        self.blanks();
        if depth > MAX_DEPTH {
            return Err(self.wrong("less nesting"));
        }
        match self.rest.peek() {
            Some('{') => self.map(depth),
            Some('[') => self.items(depth),
            Some('"') => self.string().map(Json::Text),
            Some('-' | '0'..='9') => self.digits().map(Json::Number),
            Some('t') => self.word("true", Json::Bool(true)),
            Some('f') => self.word("false", Json::Bool(false)),
            Some('n') => self.word("null", Json::Null),
            _ => Err(self.wrong("a value")),
        }
    }

    fn word(&mut self, word: &str, value: Json) -> Result<Json, NotJson> {
        if word.chars().all(|letter| self.takes(letter)) {
            Ok(value)
        } else {
            Err(self.wrong("a value"))
        }
    }

    fn map(&mut self, depth: usize) -> Result<Json, NotJson> {
        let mut entries = Vec::new();
        self.next();
        self.blanks();
        if self.takes('}') {
            return Ok(Json::Map(entries));
        }
        loop {
            self.blanks();
            if self.rest.peek() != Some(&'"') {
                return Err(self.wrong("a key in quotes"));
            }
            let key = self.string()?;
            self.blanks();
            if !self.takes(':') {
                return Err(self.wrong("`:`"));
            }
            entries.push((key, self.value(depth + 1)?));
            self.blanks();
            if self.takes('}') {
                return Ok(Json::Map(entries));
            }
            if !self.takes(',') {
                return Err(self.wrong("`,` or `}`"));
            }
        }
    }

    fn items(&mut self, depth: usize) -> Result<Json, NotJson> {
        let mut items = Vec::new();
        self.next();
        self.blanks();
        if self.takes(']') {
            return Ok(Json::List(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.blanks();
            if self.takes(']') {
                return Ok(Json::List(items));
            }
            if !self.takes(',') {
                return Err(self.wrong("`,` or `]`"));
            }
        }
    }

    fn string(&mut self) -> Result<String, NotJson> {
        let mut text = String::new();
        self.next();
        loop {
            match self.rest.peek() {
                None | Some('\0'..='\u{1f}') => return Err(self.wrong("`\"`")),
                Some('"') => {
                    self.next();
                    return Ok(text);
                }
                Some('\\') => {
                    self.next();
                    text.push(self.escaped()?);
                }
                Some(_) => text.extend(self.next()),
            }
        }
    }

    fn escaped(&mut self) -> Result<char, NotJson> {
        let wrong = self.wrong("an escape");
        match self.next() {
            Some(sign @ ('"' | '\\' | '/')) => Ok(sign),
            Some('b') => Ok('\u{8}'),
            Some('f') => Ok('\u{c}'),
            Some('n') => Ok('\n'),
            Some('r') => Ok('\r'),
            Some('t') => Ok('\t'),
            Some('u') => {
                let first = self.unit()?;
                let code = if (0xd800..0xdc00).contains(&first) {
                    if !(self.takes('\\') && self.takes('u')) {
                        return Err(wrong);
                    }
                    let second = self.unit()?;
                    if !(0xdc00..0xe000).contains(&second) {
                        return Err(wrong);
                    }
                    0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00)
                } else {
                    first
                };
                char::from_u32(code).ok_or(wrong)
            }
            _ => Err(wrong),
        }
    }

    /// Four hexadecimal digits.
    fn unit(&mut self) -> Result<u32, NotJson> {
        let mut unit = 0;
        for _ in 0..4 {
            let digit = self.rest.peek().and_then(|digit| digit.to_digit(16));
            unit = unit * 16 + digit.ok_or_else(|| self.wrong("a hexadecimal digit"))?;
            self.next();
        }
        Ok(unit)
    }

    fn digits(&mut self) -> Result<String, NotJson> {
        let mut number = String::new();
        if self.takes('-') {
            number.push('-');
        }
        if self.takes('0') {
            number.push('0');
        } else {
            self.some_digits(&mut number)?;
        }
        if self.takes('.') {
            number.push('.');
            self.some_digits(&mut number)?;
        }
        if matches!(self.rest.peek(), Some('e' | 'E')) {
            number.extend(self.next());
            if matches!(self.rest.peek(), Some('+' | '-')) {
                number.extend(self.next());
            }
            self.some_digits(&mut number)?;
        }
        Ok(number)
    }

    fn some_digits(&mut self, number: &mut String) -> Result<(), NotJson> {
        let before = number.len();
        while matches!(self.rest.peek(), Some('0'..='9')) {
            number.extend(self.next());
        }
        if number.len() == before {
            return Err(self.wrong("a digit"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(value: &serde_json::Value) -> Json {
        match value {
            serde_json::Value::Null => Json::Null,
            serde_json::Value::Bool(value) => Json::Bool(*value),
            serde_json::Value::Number(number) => Json::Number(number.to_string()),
            serde_json::Value::String(text) => Json::Text(text.clone()),
            serde_json::Value::Array(items) => Json::List(items.iter().map(known).collect()),
            serde_json::Value::Object(entries) => Json::Map(
                (entries.iter())
                    .map(|(key, value)| (key.clone(), known(value)))
                    .collect(),
            ),
        }
    }

    /// The same value in every number's spelling.
    fn same(ours: &Json, theirs: &Json) -> bool {
        match (ours, theirs) {
            // Not to the last bit: serde_json rounds where it need not be exact.
            (Json::Number(ours), Json::Number(theirs)) => {
                let [ours, theirs]: [f64; 2] = [ours, theirs].map(|number| number.parse().unwrap());
                (ours - theirs).abs() <= ours.abs() * 1e-12
            }
            (Json::List(ours), Json::List(theirs)) => {
                ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(a, b)| same(a, b))
            }
            (Json::Map(ours), Json::Map(_)) => {
                // The last of two equal keys counts there, and maps are sorted.
                ours.iter().rev().all(|(key, _)| theirs.get(key).is_some())
            }
            (ours, theirs) => ours == theirs,
        }
    }

    #[test]
    fn a_text_is_json_where_serde_json_says_so() {
        const PARTS: [&str; 28] = [
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"a\"",
            "\"\\u00e4\\n\\/\"",
            "\"\\ud83d\\ude00\"",
            "\"\\ud83d\"",
            "\"\\x\"",
            "\"ä\u{7f}\"",
            "\"\t\"",
            "\"",
            "0",
            "-0",
            "01",
            "1.5",
            "1.",
            "-2e-3",
            ".5",
            "true",
            "false",
            "null",
            "nul",
            " ",
            "\n",
            "[]",
        ];
        // A linear congruential generator: the same texts in every run.
        let mut state: u32 = 3;
        let mut next = |below: usize| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 16) as usize % below
        };
        let mut right = 0;
        for _ in 0..60_000 {
            let text: String = (0..next(7)).map(|_| PARTS[next(PARTS.len())]).collect();
            let ours = Json::read(&text);
            match serde_json::from_str::<serde_json::Value>(&text) {
                Ok(theirs) => {
                    right += 1;
                    let ours = ours.unwrap_or_else(|wrong| panic!("`{text}`: {wrong:?}"));
                    assert!(same(&ours, &known(&theirs)), "`{text}`: {ours:?}");
                }
                Err(_) => assert!(ours.is_err(), "`{text}`: {ours:?}"),
            }
        }
        assert!(right > 1_000, "{right}");
    }

    #[test]
    fn a_mistake_is_told_with_its_place() {
        let wrong = |text: &str| {
            let NotJson {
                line,
                column,
                expected,
            } = Json::read(text).unwrap_err();
            (line, column, expected)
        };
        assert_eq!(wrong(""), (1, 1, "a value"));
        assert_eq!(wrong("{\n  \"a\" 1}"), (2, 7, "`:`"));
        assert_eq!(wrong("[1] 2"), (1, 5, "the end of the file"));
        assert_eq!(wrong(&"[".repeat(100)), (1, 66, "less nesting"));
    }
}
