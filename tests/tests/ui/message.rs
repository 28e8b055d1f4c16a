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
    let rest: Vec<&str> = lines.collect();
    // Behind the place stands what rustc notes, with places of its own.
    let is_noted = |line: &&str| line.starts_with(char::is_alphabetic) || line.contains("= ");
    let end = rest
        .iter()
        .position(|line| is_noted(line) && behind_number(line).is_none());
    let (place, behind) = rest.split_at(end.unwrap_or(rest.len()));
    let place: Vec<Line<'_>> = place
        .iter()
        .filter_map(|line| behind_number(line))
        .collect();
    short.extend(underlined(&place));
    let notes: Vec<String> = behind.iter().filter_map(|line| note(line)).collect();
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

/// A line of a place.
enum Line<'l> {
    Code(&'l str),
    /// What is drawn below it.
    Drawn(&'l str),
}

/// What stands behind `7 |`.
fn behind_number(line: &str) -> Option<Line<'_>> {
    let (number, text) = line.split_once('|')?;
    if !number.chars().all(|c| c.is_ascii_digit() || c == ' ') {
        return None;
    }
    let text = text.strip_prefix(' ').unwrap_or(text);
    Some(if number.trim().is_empty() {
        Line::Drawn(text)
    } else {
        Line::Code(text)
    })
}

/// The first line with carets below it, the carets, and the labels below these.
fn underlined(place: &[Line<'_>]) -> Vec<String> {
    let has_carets = |line: &Line<'_>| matches!(line, Line::Drawn(text) if text.contains('^'));
    let Some(carets) = place.iter().position(has_carets) else {
        return Vec::new();
    };
    let Some(Line::Code(code)) = carets.checked_sub(1).and_then(|above| place.get(above)) else {
        return Vec::new();
    };
    let indent = code.len() - code.trim_start().len();
    let mut lines = vec![String::new(), code.trim_start().to_owned()];
    for line in &place[carets..] {
        let Line::Drawn(line) = line else { break };
        let line = line.get(indent..).unwrap_or(line);
        let ends = RUSTC_SAYS.iter().filter_map(|words| line.find(words));
        let line = ends.min().map_or(line, |end| &line[..end]);
        // What is underlined by `-` is what rustc adds.
        let (before, carets) = line.split_at(line.find('^').unwrap_or(0));
        let line = before.replace('-', " ") + carets;
        if !line.trim().is_empty() {
            lines.push(line.trim_end().to_owned());
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

error[E0277]: `Log` is append-only
  --> ui/use/delete.rs:4:28
   |
 4 |     Event::<Log>::update(log)
   |     -------------------- ^^^ its table declares nothing
   |     |
   |     required by a bound introduced by this call
note: required by a bound in `update`
  --> $WORKSPACE/event.rs
   |
   |     fn update(new: R)
   |               ^^^ required here

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

error[E0277]: `Log` is append-only

Event::<Log>::update(log)
                     ^^^ its table declares nothing

error: `tabel` is not a key
help: did you mean `table`?

#[dozer(tabel = \"x\")]
        ^^^^^";
    assert_eq!(in_short(output), expected);
}
