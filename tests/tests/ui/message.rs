//! What the compiler says, without what it says of itself.

/// What rustc adds to a message that is ours.
const RUSTC_SAYS: [&str; 11] = [
    "this error originates",
    "required for",
    "in this derive macro expansion",
    "required by a bound introduced by this call",
    "arguments to this function are incorrect",
    "evaluation of `",
    "`#[warn",
    "expected reference",
    "expected enum",
    "expected struct",
    "|",
];

/// Each message, and the code that it is about with its underline: without line numbers, paths, and the compiler's
/// own lists of impls.
pub(crate) fn in_short(output: &str) -> String {
    let messages: Vec<String> = output.trim_end().split("\n\n").map(one_in_short).collect();
    messages.join("\n\n")
}

fn one_in_short(message: &str) -> String {
    let mut lines = message.lines();
    let words = lines.by_ref().take_while(|line| !is_path(line));
    let mut short: Vec<String> = words
        .map(|line| line.trim_start().replace("evaluation panicked: ", ""))
        .collect();
    let (place, rest): (Vec<&str>, Vec<&str>) =
        lines.partition(|line| behind_number(line).is_some());
    let place: Vec<&str> = place.into_iter().filter_map(behind_number).collect();
    short.extend(underlined(&place));
    let notes: Vec<String> = rest.into_iter().filter_map(note).collect();
    if !notes.is_empty() {
        short.push(String::new());
    }
    short.extend(notes);
    short.join("\n")
}

/// Whether it says where: `  --> ui/key/of_an_option.rs:7:9`.
fn is_path(line: &str) -> bool {
    line.trim_start().starts_with("--> ")
}

/// The source, or what is drawn below it: what stands behind `7 |`.
fn behind_number(line: &str) -> Option<&str> {
    let (number, code) = line.split_once('|')?;
    let is_number = number.chars().all(|c| c.is_ascii_digit() || c == ' ');
    is_number.then_some(code.strip_prefix(' ').unwrap_or(code))
}

/// The first line with carets below it, the carets, and the labels below these.
fn underlined(place: &[&str]) -> Vec<String> {
    let carets = place
        .iter()
        .position(|line| line.trim_start().starts_with('^'));
    let Some((carets, code)) = carets.and_then(|at| Some((at, place.get(at.checked_sub(1)?)?)))
    else {
        return Vec::new();
    };
    let indent = code.len() - code.trim_start().len();
    let mut lines = vec![String::new(), code.trim_start().to_owned()];
    let drawn = place[carets..]
        .iter()
        .take_while(|line| line.starts_with("  ") && !line.trim().is_empty());
    for line in drawn.map(|line| line.get(indent..).unwrap_or(line)) {
        let ours = RUSTC_SAYS.iter().filter_map(|words| line.find(words)).min();
        let line = ours.map_or(line, |end| &line[..end]).trim_end();
        if !line.is_empty() {
            lines.push(line.to_owned());
        }
    }
    lines
}

/// A note of ours, as it is written where there is no drawing.
fn note(line: &str) -> Option<String> {
    let note = line.trim_start().strip_prefix("= note: ")?;
    let is_rustcs = RUSTC_SAYS.iter().any(|words| note.starts_with(words));
    (!is_rustcs).then(|| format!("note: {note}"))
}

#[test]
fn a_message_keeps_our_words_and_the_code() {
    let output = "\
error[E0277]: `Celsius` is not a column type
 --> ui/types/no_column_type.rs:8:18
  |
6 | #[derive(DozerSource)]
  |          ----------- in this derive macro expansion
...
8 |     temperature: Celsius,
  |                  ^^^^^^^
  |                  |
  |                  no field type holds a `Celsius`
  |                  required by a bound introduced by this call
  |
help: the trait `ColumnValue` is not implemented for `Celsius`
 --> ui/types/no_column_type.rs:4:1
  |
4 | struct Celsius(f64);
  | ^^^^^^^^^^^^^^
  = note: derive it
  = note: this error originates in the derive macro `DozerSource`

error: `tabel` is not a key
       help: did you mean `table`?
 --> ui/types/no_column_type.rs:5:9
  |
5 | #[dozer(tabel = \"x\")]
  |         ^^^^^
";
    let expected = "\
error[E0277]: `Celsius` is not a column type

temperature: Celsius,
             ^^^^^^^
             no field type holds a `Celsius`

note: derive it

error: `tabel` is not a key
help: did you mean `table`?

#[dozer(tabel = \"x\")]
        ^^^^^";
    assert_eq!(in_short(output), expected);
}
