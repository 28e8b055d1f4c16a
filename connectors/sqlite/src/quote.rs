//! Names and strings inside SQL text.

/// A name as an SQL identifier: `a"b` becomes `"a""b"`.
pub fn identifier(name: &str) -> String {
    quoted(name, '"')
}

/// A string as an SQL literal: `it's` becomes `'it''s'`.
pub fn literal(text: &str) -> String {
    quoted(text, '\'')
}

fn quoted(text: &str, mark: char) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push(mark);
    for c in text.chars() {
        if c == mark {
            quoted.push(mark);
        }
        quoted.push(c);
    }
    quoted.push(mark);
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rusqlite::Connection;

    #[test]
    fn hostile_names_stay_names() {
        assert_eq!(identifier(r#"a"b"#), r#""a""b""#);
        assert_eq!(identifier("x; DROP TABLE y--"), r#""x; DROP TABLE y--""#);
        assert_eq!(literal("it's"), "'it''s'");
        assert_eq!(identifier(""), r#""""#);
    }

    proptest! {
        #[test]
        fn any_text_comes_back_from_a_literal_and_from_a_column_name(text in "[^\0]{0,20}") {
            let connection = Connection::open_in_memory().unwrap();
            let sql = format!("SELECT {} AS {}", literal(&text), identifier(&text));
            let mut statement = connection.prepare(&sql).unwrap();
            prop_assert_eq!(statement.column_name(0).unwrap(), text.as_str());
            let value: String = statement.query_row([], |row| row.get(0)).unwrap();
            prop_assert_eq!(value, text);
        }
    }
}
