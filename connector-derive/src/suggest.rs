//! The name that was probably meant.

/// The candidate nearest to `given`: equal but for case and separators, its other word, or a few typing mistakes away.
pub(crate) fn nearest<'a>(
    given: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let mut best: Option<(usize, &'a str)> = None;
    for candidate in candidates {
        if bare(given) == bare(candidate) {
            return Some(candidate);
        }
        let limit = given.chars().count().max(candidate.chars().count()).max(3) / 3;
        let mut distance = edits(given, candidate);
        if distance > limit && (shares_a_word(given, candidate) || begins(given, candidate)) {
            distance = limit;
        }
        let letters = given.chars().count().max(candidate.chars().count());
        if distance <= limit && distance < letters && best.is_none_or(|(least, _)| distance < least)
        {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// Whether the two are one but for case and separators.
pub(crate) fn same_word(a: &str, b: &str) -> bool {
    bare(a) == bare(b)
}

/// The letters alone: `PrimaryKey`, `primary-key` and `primary_key` are one.
fn bare(name: &str) -> String {
    name.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// Whether one is a word of the other: `primary` of `primary_key`.
fn shares_a_word(given: &str, candidate: &str) -> bool {
    given.len() > 2
        && (candidate.split('_').any(|word| word == given)
            || given.split('_').any(|word| word == candidate))
}

/// Whether the candidate is the given word and more: `camel` of `camelCase`.
fn begins(given: &str, candidate: &str) -> bool {
    let given = bare(given);
    given.len() > 3 && bare(candidate).starts_with(&given)
}

/// The optimal string alignment distance: insert, remove, replace, and swap two neighbours.
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut older: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    let mut previous = None;
    for (row, from) in a.chars().enumerate() {
        let mut line = vec![row + 1];
        for (column, &to) in b.iter().enumerate() {
            let at =
                |line: &[usize], place: usize| line.get(place).copied().unwrap_or(usize::MAX - 1);
            let mut least = (at(&above, column) + usize::from(from != to))
                .min(at(&above, column + 1) + 1)
                .min(at(&line, column) + 1);
            let before = column.checked_sub(1);
            if let Some(before) = before
                && previous == Some(to)
                && b.get(before) == Some(&from)
            {
                least = least.min(at(&older, before) + 1);
            }
            line.push(least);
        }
        older = std::mem::replace(&mut above, line);
        previous = Some(from);
    }
    above.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: [&str; 8] = [
        "table",
        "schema",
        "tracking",
        "rename_all",
        "primary_key",
        "column",
        "with",
        "types",
    ];

    #[test]
    fn typing_mistakes_find_their_key() {
        for (given, meant) in [
            ("tabel", "table"),
            ("tbale", "table"),
            ("colum", "column"),
            ("colunm", "column"),
            ("wtih", "with"),
            ("PrimaryKey", "primary_key"),
            ("primary", "primary_key"),
            ("rename-all", "rename_all"),
            ("traking", "tracking"),
            ("type", "types"),
            ("trac", "tracking"),
        ] {
            assert_eq!(nearest(given, KEYS), Some(meant), "{given}");
        }
    }

    #[test]
    fn other_words_find_nothing() {
        for given in ["index", "unique", "pk", "x", "references"] {
            assert_eq!(nearest(given, KEYS), None, "{given}");
        }
    }

    #[test]
    fn a_swap_is_one_edit() {
        assert_eq!(edits("ab", "ba"), 1);
        assert_eq!(edits("", "abc"), 3);
        assert_eq!(edits("kitten", "sitting"), 3);
    }
}
