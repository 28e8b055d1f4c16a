//! Names and strings inside SQL text.

/// A name as an SQL identifier: `a"b` becomes `"a""b"`.
pub fn identifier(name: &str) -> String {
    let mut quoted = String::with_capacity(name.len() + 2);
    quoted.push('"');
    for c in name.chars() {
        if c == '"' {
            quoted.push('"');
        }
        quoted.push(c);
    }
    quoted.push('"');
    quoted
}

/// A string as an SQL literal: `it's` becomes `'it''s'`.
///
/// A backslash is doubled in an `E'…'` literal, so that it is right under any `standard_conforming_strings`. The commands of
/// the replication protocol know no such literals.
pub fn literal(text: &str) -> String {
    let escapes = text.contains('\\');
    let mut quoted = String::with_capacity(text.len() + 3);
    quoted.push_str(if escapes { "E'" } else { "'" });
    for c in text.chars() {
        if matches!(c, '\'' | '\\') {
            quoted.push(c);
        }
        quoted.push(c);
    }
    quoted.push('\'');
    quoted
}

/// A string as a literal of a command of the replication protocol, where a backslash is a letter like any other.
pub(crate) fn plain_literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_names_stay_names() {
        assert_eq!(identifier(r#"a"b"#), r#""a""b""#);
        assert_eq!(identifier("x; DROP TABLE y--"), r#""x; DROP TABLE y--""#);
        assert_eq!(identifier(""), r#""""#);
    }

    #[test]
    fn hostile_strings_stay_strings() {
        assert_eq!(literal("it's"), "'it''s'");
        assert_eq!(literal(r"\' OR 1=1 --"), r"E'\\'' OR 1=1 --'");
        assert_eq!(literal(""), "''");
        assert_eq!(plain_literal(r"r\' x"), r"'r\'' x'");
    }
}
