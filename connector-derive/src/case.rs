//! The rules of `rename_all`, which are serde's for fields.

/// A way to write a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Case {
    Lower,
    Upper,
    Pascal,
    Camel,
    Snake,
    ScreamingSnake,
    Kebab,
    ScreamingKebab,
}

/// Every rule by its name.
pub(crate) const CASES: [(&str, Case); 8] = [
    ("lowercase", Case::Lower),
    ("UPPERCASE", Case::Upper),
    ("PascalCase", Case::Pascal),
    ("camelCase", Case::Camel),
    ("snake_case", Case::Snake),
    ("SCREAMING_SNAKE_CASE", Case::ScreamingSnake),
    ("kebab-case", Case::Kebab),
    ("SCREAMING-KEBAB-CASE", Case::ScreamingKebab),
];

impl Case {
    pub(crate) fn named(name: &str) -> Option<Self> {
        CASES
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, case)| *case)
    }

    /// Rewrites a field's name, which is in snake case.
    pub(crate) fn apply(self, field: &str) -> String {
        match self {
            Self::Lower | Self::Snake => field.to_owned(),
            Self::Upper | Self::ScreamingSnake => field.to_ascii_uppercase(),
            Self::Pascal => pascal(field),
            Self::Camel => {
                let pascal = pascal(field);
                let mut letters = pascal.chars();
                letters.next().map_or_else(String::new, |first| {
                    first.to_ascii_lowercase().to_string() + letters.as_str()
                })
            }
            Self::Kebab => field.replace('_', "-"),
            Self::ScreamingKebab => field.to_ascii_uppercase().replace('_', "-"),
        }
    }
}

fn pascal(field: &str) -> String {
    let mut name = String::with_capacity(field.len());
    let mut capital = true;
    for letter in field.chars() {
        if letter == '_' {
            capital = true;
        } else if std::mem::take(&mut capital) {
            name.push(letter.to_ascii_uppercase());
        } else {
            name.push(letter);
        }
    }
    name
}

/// The snake-case name of a type; a run of capitals is one word: `HTTPServer` is `http_server`.
pub(crate) fn snake(type_name: &str) -> String {
    let letters: Vec<char> = type_name.chars().collect();
    let mut name = String::with_capacity(type_name.len() + 4);
    for (place, &letter) in letters.iter().enumerate() {
        let before = place.checked_sub(1).and_then(|before| letters.get(before));
        let after = letters.get(place + 1);
        let starts_a_word = letter.is_uppercase()
            && before.is_some_and(|before| {
                *before != '_'
                    && (!before.is_uppercase() || after.is_some_and(|after| after.is_lowercase()))
            });
        if starts_a_word {
            name.push('_');
        }
        name.extend(letter.to_lowercase());
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_renamed_as_serde_does() {
        for (rule, renamed) in [
            ("lowercase", "taken_at"),
            ("UPPERCASE", "TAKEN_AT"),
            ("PascalCase", "TakenAt"),
            ("camelCase", "takenAt"),
            ("snake_case", "taken_at"),
            ("SCREAMING_SNAKE_CASE", "TAKEN_AT"),
            ("kebab-case", "taken-at"),
            ("SCREAMING-KEBAB-CASE", "TAKEN-AT"),
        ] {
            assert_eq!(
                Case::named(rule)
                    .map(|case| case.apply("taken_at"))
                    .as_deref(),
                Some(renamed),
                "{rule}"
            );
        }
        assert_eq!(Case::named("Snake_Case"), None);
    }

    #[test]
    fn a_run_of_capitals_is_one_word() {
        for (name, table) in [
            ("Reading", "reading"),
            ("WeatherStation", "weather_station"),
            ("HTTPServer", "http_server"),
            ("OrderV2", "order_v2"),
            ("Already_Split", "already_split"),
        ] {
            assert_eq!(snake(name), table);
        }
    }
}
