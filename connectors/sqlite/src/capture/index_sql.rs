//! The parts of a `CREATE INDEX` text that SQLite's catalog does not give: expressions and the condition.

/// What a `CREATE INDEX` says after the table's name.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct IndexText<'a> {
    /// The text of each key part, without `ASC` or `DESC`.
    pub(super) parts: Vec<&'a str>,
    /// The text after `WHERE`.
    pub(super) condition: Option<&'a str>,
}

/// Reads the text of a `CREATE INDEX` that SQLite has accepted; `None` where it has no such shape.
pub(super) fn parse(sql: &str) -> Option<IndexText<'_>> {
    let tokens = tokens(sql);
    let open = tokens.iter().position(|token| token.text == "(")?;
    let mut depth = 1_usize;
    let mut parts = Vec::new();
    let mut current: Vec<&Token<'_>> = Vec::new();
    let mut rest = tokens.get(open + 1..)?.iter();
    for token in rest.by_ref() {
        match token.text {
            "(" => depth += 1,
            ")" => depth -= 1,
            _ => {}
        }
        if depth == 0 || (depth == 1 && token.text == ",") {
            parts.push(part(sql, &std::mem::take(&mut current))?);
        } else {
            current.push(token);
        }
        if depth == 0 {
            break;
        }
    }
    let condition = match rest.next() {
        Some(token) if token.text.eq_ignore_ascii_case("WHERE") => {
            let (first, last) = (rest.next()?, tokens.last()?);
            sql.get(first.start..last.end)
        }
        _ => None,
    };
    Some(IndexText { parts, condition })
}

fn part<'a>(sql: &'a str, tokens: &[&Token<'_>]) -> Option<&'a str> {
    let ordered = |token: &Token<'_>| {
        token.text.eq_ignore_ascii_case("ASC") || token.text.eq_ignore_ascii_case("DESC")
    };
    let (last, before) = tokens.split_last()?;
    let last = if ordered(last) { before.last()? } else { last };
    sql.get(tokens.first()?.start..last.end)
}

#[derive(Debug)]
struct Token<'a> {
    start: usize,
    end: usize,
    text: &'a str,
}

/// Words, quoted names and strings, and single characters; blanks and comments are dropped.
fn tokens(sql: &str) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    let mut start = 0;
    while let Some(rest) = sql.get(start..).filter(|rest| !rest.is_empty()) {
        let length = match rest.chars().next() {
            Some(c) if c.is_ascii_whitespace() => c.len_utf8(),
            Some(_) if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
            Some(_) if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            Some(mark @ ('"' | '\'' | '`')) => quoted_length(rest, mark),
            Some('[') => rest.find(']').map_or(rest.len(), |end| end + 1),
            Some(c) if is_word(c) => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
            Some(c) => c.len_utf8(),
            None => break,
        };
        let blank = rest.starts_with("--")
            || rest.starts_with("/*")
            || rest.starts_with(|c: char| c.is_ascii_whitespace());
        if let (false, Some(text)) = (blank, rest.get(..length)) {
            found.push(Token {
                start,
                end: start + length,
                text,
            });
        }
        start += length;
    }
    found
}

/// The length of a quoted token; a doubled mark inside it stands for itself.
fn quoted_length(text: &str, mark: char) -> usize {
    let mut marks = text
        .char_indices()
        .skip(1)
        .filter(|(_, c)| *c == mark)
        .map(|(at, _)| at);
    while let Some(at) = marks.next() {
        if text
            .get(at + 1..)
            .is_none_or(|rest| !rest.starts_with(mark))
        {
            return at + 1;
        }
        marks.next();
    }
    text.len()
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$' || !c.is_ascii()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_and_the_condition_are_split_whatever_is_quoted_or_commented() {
        let read = parse(
            "CREATE UNIQUE INDEX \"i(\" ON [t(] /* ( */ (lower(\"a,\"\"(\"), substr(b, 1, ',)') COLLATE NOCASE  DESC, c asc)
             WHERE c > ')' -- (\n AND d",
        );
        let read = read.unwrap();
        assert_eq!(
            read.parts,
            [
                "lower(\"a,\"\"(\")",
                "substr(b, 1, ',)') COLLATE NOCASE",
                "c"
            ]
        );
        assert_eq!(read.condition, Some("c > ')' -- (\n AND d"));
    }

    #[test]
    fn an_index_without_a_condition_has_none() {
        let read = parse("CREATE UNIQUE INDEX i ON t((a+b))").unwrap();
        assert_eq!(
            read,
            IndexText {
                parts: vec!["(a+b)"],
                condition: None
            }
        );
        assert_eq!(parse("CREATE TABLE"), None);
    }
}
