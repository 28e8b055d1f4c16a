//! Random text, and text in SQL.

use proptest::prelude::*;
use proptest::sample::select;

/// Characters that some form of some type writes in another way.
const ODD: &[char] = &[
    '\t',
    '\n',
    '\r',
    '\u{1}',
    '\u{8}',
    '\u{b}',
    '\u{c}',
    '\u{7f}',
    '\u{85}',
    '\u{a0}',
    '\u{2028}',
    '\u{feff}',
    '\\',
    '"',
    '\'',
    '`',
    '{',
    '}',
    '(',
    ')',
    '[',
    ']',
    '<',
    '>',
    ',',
    ';',
    ':',
    '=',
    '&',
    '|',
    '!',
    '*',
    '%',
    '@',
    '.',
    '-',
    '+',
    '_',
    '/',
    ' ',
    'N',
    'n',
    'b',
    'x',
    'u',
    '0',
    '7',
    'æ',
    'ß',
    'İ',
    '\u{301}',
    '🦀',
    '\u{10ffff}',
];

/// Any text: empty, short, or so long that it is stored out of line.
pub(super) fn text() -> BoxedStrategy<String> {
    let character = prop_oneof![
        3 => select(ODD),
        2 => prop::char::range('a', 'z'),
        1 => any::<char>().prop_filter("no text of a server holds it", |c| *c != '\0'),
    ];
    let short = prop::collection::vec(character, 0..24).prop_map(String::from_iter);
    prop_oneof![
        16 => short,
        2 => select(vec!["", "NULL", "null", "\\N", "\\.", " ", "\"\"", "{}", "()", "empty"]).prop_map(str::to_owned),
        1 => long(),
    ]
    .boxed()
}

/// Text that does not get short enough to stay in its row.
fn long() -> impl Strategy<Value = String> {
    (any::<u64>(), 3000_usize..6000).prop_map(|(seed, length)| {
        let mut state = seed | 1;
        let digit = std::iter::repeat_with(|| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            char::from(b'!' + u8::try_from((state >> 33) % 90).unwrap())
        });
        digit.take(length).collect()
    })
}

/// Letters, digits and low lines.
pub(super) fn word() -> BoxedStrategy<String> {
    "[a-zA-Z_][a-zA-Z0-9_]{0,11}".boxed()
}

/// A name that nothing else has.
pub(super) fn own_name() -> impl Strategy<Value = String> {
    any::<u64>()
        .no_shrink()
        .prop_map(|number| format!("made_{number:x}"))
}
