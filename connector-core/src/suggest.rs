//! The known word that a misspelt one was meant to be.

/// The known word nearest to `word`, where one is near enough to be meant.
///
/// A word that differs only in case, `_`, `-` or blanks wins at once. Otherwise the distance counts insertions,
/// deletions, replacements and swaps of neighbours, and may be a third of the word's length.
///
/// ```
/// assert_eq!(connector_core::suggest("usres", ["orders", "users"]), Some("users"));
/// assert_eq!(connector_core::suggest("flights", ["orders", "users"]), None);
/// ```
pub fn suggest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let bare = letters(word);
    let limit = word.chars().count().max(3) / 3;
    let mut best: Option<(usize, &str)> = None;
    for candidate in known {
        let other = letters(candidate);
        if other == bare && !bare.is_empty() {
            return Some(candidate);
        }
        let distance = distance(&bare, &other);
        if distance <= limit && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// What to tell a person who wrote `word`: "did you mean `x`?", or all that is known.
pub(crate) fn did_you_mean<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    match suggest(word, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => list(&known),
    }
}

/// All that is known, for a word that must not be shown.
pub(crate) fn list(known: &[&str]) -> String {
    if known.is_empty() {
        "none is known".into()
    } else {
        format!("known: {}", known.join(", "))
    }
}

fn letters(word: &str) -> Vec<char> {
    let separator = |c: &char| matches!(c, '_' | '-' | ' ');
    word.chars()
        .filter(|c| !separator(c))
        .flat_map(char::to_lowercase)
        .collect()
}

/// The optimal string alignment distance: an edit is an insertion, a deletion, a replacement or a swap.
fn distance(left: &[char], right: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=right.len()).collect();
    let mut left_previous = None;
    for (i, a) in left.iter().enumerate() {
        let mut row = Vec::with_capacity(right.len() + 1);
        let mut last = i + 1;
        row.push(last);
        let mut right_previous = None;
        for (j, (b, pair)) in right.iter().zip(above.windows(2)).enumerate() {
            let &[diagonal, up] = pair else { continue };
            let mut cost = (diagonal + usize::from(a != b)).min(up + 1).min(last + 1);
            if left_previous == Some(b) && right_previous == Some(a) {
                let swapped = j.checked_sub(1).and_then(|at| before.get(at));
                cost = swapped.map_or(cost, |earlier| cost.min(earlier + 1));
            }
            row.push(cost);
            last = cost;
            right_previous = Some(b);
        }
        left_previous = Some(a);
        before = std::mem::replace(&mut above, row);
    }
    above.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: [&str; 4] = ["name", "table_name", "connection", "columns"];

    fn edits(left: &str, right: &str) -> usize {
        distance(
            &left.chars().collect::<Vec<_>>(),
            &right.chars().collect::<Vec<_>>(),
        )
    }

    #[test]
    fn a_swap_of_neighbours_is_one_edit() {
        assert_eq!(edits("naem", "name"), 1);
        assert_eq!(edits("ab", "ba"), 1);
        assert_eq!(edits("", "abc"), 3);
        assert_eq!(edits("abc", ""), 3);
        assert_eq!(edits("kitten", "sitting"), 3);
        assert_eq!(edits("same", "same"), 0);
    }

    #[test]
    fn case_and_separators_do_not_count() {
        assert_eq!(suggest("TableName", KEYS), Some("table_name"));
        assert_eq!(suggest("table-name", KEYS), Some("table_name"));
    }

    #[test]
    fn the_nearest_known_word_is_suggested() {
        assert_eq!(suggest("tabel_name", KEYS), Some("table_name"));
        assert_eq!(suggest("column", KEYS), Some("columns"));
        assert_eq!(suggest("nmae", KEYS), Some("name"));
    }

    #[test]
    fn a_distant_word_is_not_suggested() {
        assert_eq!(suggest("password", KEYS), None);
        assert_eq!(suggest("", ["a", "longer"]), Some("a"));
        assert_eq!(suggest("x", []), None);
    }

    #[test]
    fn what_is_known_is_listed_when_nothing_is_near() {
        assert_eq!(did_you_mean("columsn", KEYS), "did you mean `columns`?");
        assert_eq!(
            did_you_mean("password", KEYS),
            "known: name, table_name, connection, columns"
        );
        assert_eq!(did_you_mean("x", []), "none is known");
    }

    #[test]
    fn the_distance_is_symmetric() {
        for (left, right) in [
            ("naem", "name"),
            ("sqlit", "sqlite"),
            ("abcd", "badc"),
            ("", "x"),
        ] {
            assert_eq!(edits(left, right), edits(right, left));
        }
    }
}
