//! The types of YAML's plain scalars: the core schema of YAML 1.2, where `no` is text.

use serde::de::{Error, Visitor};

/// A scalar of the document, kept as its text.
#[derive(Clone)]
pub(super) struct Scalar {
    pub(super) text: String,
    /// Written without quotes, so that it can be more than text.
    pub(super) plain: bool,
    /// Some of the text came from the environment: it is never shown, and never means null.
    pub(super) substituted: bool,
}

/// What a scalar is when nothing else is asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Typed {
    Null,
    Bool(bool),
    Unsigned(u128),
    Signed(i128),
    Float(f64),
    Text,
}

impl Typed {
    /// Gives the value to a visitor; `text` is the scalar's text.
    pub(super) fn visit<'de, V: Visitor<'de>, E: Error>(
        self,
        text: &str,
        visitor: V,
    ) -> Result<V::Value, E> {
        match self {
            Self::Null => visitor.visit_unit(),
            Self::Bool(value) => visitor.visit_bool(value),
            Self::Unsigned(value) => match u64::try_from(value) {
                Ok(value) => visitor.visit_u64(value),
                Err(_) => visitor.visit_u128(value),
            },
            Self::Signed(value) => match i64::try_from(value) {
                Ok(value) => visitor.visit_i64(value),
                Err(_) => visitor.visit_i128(value),
            },
            Self::Float(value) => visitor.visit_f64(value),
            Self::Text => visitor.visit_str(text),
        }
    }
}

impl Scalar {
    pub(super) fn typed(&self) -> Typed {
        match plain_type(&self.text) {
            _ if !self.plain => Typed::Text,
            // A secret that happens to read `null` is still that secret.
            Typed::Null if self.substituted => Typed::Text,
            typed => typed,
        }
    }

    /// The type where a number or a boolean is asked for. Text from the environment counts as plain there even in
    /// quotes, since `"{{PORT}}"` cannot be written without them.
    pub(super) fn typed_for_number(&self) -> Typed {
        if self.plain || self.substituted {
            plain_type(&self.text)
        } else {
            Typed::Text
        }
    }

    pub(super) fn is_null(&self) -> bool {
        self.typed() == Typed::Null
    }

    pub(super) fn kind(&self) -> &'static str {
        match self.typed() {
            Typed::Null => "nothing",
            Typed::Bool(_) => "the boolean",
            Typed::Unsigned(_) | Typed::Signed(_) | Typed::Float(_) => "the number",
            Typed::Text => "the text",
        }
    }
}

fn plain_type(text: &str) -> Typed {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Typed::Null,
        "true" | "True" | "TRUE" => Typed::Bool(true),
        "false" | "False" | "FALSE" => Typed::Bool(false),
        ".nan" | ".NaN" | ".NAN" => Typed::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Typed::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Typed::Float(f64::NEG_INFINITY),
        _ => number(text).unwrap_or(Typed::Text),
    }
}

fn number(text: &str) -> Option<Typed> {
    for (prefix, radix) in [("0x", 16), ("0o", 8)] {
        if let Some(digits) = text.strip_prefix(prefix) {
            let all_digits = digits.chars().all(|c| c.is_digit(radix));
            let parsed = u128::from_str_radix(digits, radix)
                .ok()
                .filter(|_| all_digits);
            return parsed.map(Typed::Unsigned);
        }
    }
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) {
        let unsigned = text.parse().ok().map(Typed::Unsigned);
        // A number too long for any integer keeps its text: as a float it would be another number.
        return unsigned.or_else(|| text.parse().ok().map(Typed::Signed));
    }
    let like_a_float = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && digits.contains(|c: char| c.is_ascii_digit())
        && digits
            .bytes()
            .all(|b| b.is_ascii_digit() || b".eE+-".contains(&b));
    // Rust's own grammar decides the rest: it takes what the core schema takes once names are out.
    like_a_float
        .then(|| text.parse().ok().map(Typed::Float))
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_scalars_follow_the_core_schema() {
        let cases = [
            ("null", Typed::Null),
            ("~", Typed::Null),
            ("", Typed::Null),
            ("no", Typed::Text),
            ("yes", Typed::Text),
            ("on", Typed::Text),
            ("true", Typed::Bool(true)),
            ("False", Typed::Bool(false)),
            ("12", Typed::Unsigned(12)),
            ("+12", Typed::Unsigned(12)),
            ("-12", Typed::Signed(-12)),
            ("010", Typed::Unsigned(10)),
            ("0x1f", Typed::Unsigned(31)),
            ("0x+1", Typed::Text),
            ("0o17", Typed::Unsigned(15)),
            ("1_000", Typed::Text),
            ("1.5", Typed::Float(1.5)),
            (".5", Typed::Float(0.5)),
            ("5.", Typed::Float(5.0)),
            ("-1e3", Typed::Float(-1000.0)),
            ("1e", Typed::Text),
            (".", Typed::Text),
            ("e3", Typed::Text),
            ("inf", Typed::Text),
            ("nan", Typed::Text),
            ("-.inf", Typed::Float(f64::NEG_INFINITY)),
            ("1.2.3", Typed::Text),
            ("2024-01-01", Typed::Text),
            ("-", Typed::Text),
            ("999999999999999999999999999999999999999999", Typed::Text),
        ];
        for (text, expected) in cases {
            assert_eq!(plain_type(text), expected, "{text}");
        }
    }

    #[test]
    fn text_from_the_environment_is_never_null() {
        let scalar = |plain, substituted| Scalar {
            text: "null".into(),
            plain,
            substituted,
        };
        assert!(scalar(true, false).is_null());
        assert!(!scalar(true, true).is_null());
        assert!(!scalar(false, false).is_null());
    }
}
