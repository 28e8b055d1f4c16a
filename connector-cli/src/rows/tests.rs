//! From tables to text, and back.

use std::collections::HashSet;
use std::io::Write as _;
use std::process::{Command, Stdio};

use connector_core::{
    ColumnInfo, ColumnMapping, DecimalSize, FieldType, ReplicationChangesTrackingType as Tracking,
    TableInfo, TimeUnit,
};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use super::differences::{Difference, differences};
use super::plan::{Row, plan};
use super::{read, text};

fn generated(tables: &[TableInfo]) -> String {
    text::file("shop", &plan(tables), Some("connector_sqlite::SqliteType"))
}

/// The text behind the header, without column types.
fn body(tables: &[TableInfo]) -> String {
    let text = text::file("shop", &plan(tables), None);
    let (_, body) = text.split_once("\n\n").unwrap_or_default();
    body.to_owned()
}

fn int(name: &str) -> ColumnInfo {
    ColumnInfo::new(name, FieldType::Int)
}

fn unsupported(name: &str) -> ColumnInfo {
    ColumnInfo {
        mapping: ColumnMapping::Unsupported("select ST_AsText instead".to_owned()),
        ..int(name).with_external_type("GEOMETRY")
    }
}

#[test]
fn a_table_becomes_a_struct_with_its_descriptions() {
    let table = TableInfo::new(
        "readings",
        vec![
            int("id").key(1),
            ColumnInfo::new("temp", FieldType::Float)
                .nullable(true)
                .with_description("Degrees Celsius.\n\nAbove ground."),
            ColumnInfo::new("price", FieldType::Decimal(DecimalSize::new(10, 2))),
            ColumnInfo::new("at", FieldType::Timestamp(TimeUnit::Milli)),
            ColumnInfo::new("took", FieldType::DURATION),
            ColumnInfo::new("note", FieldType::Text)
                .nullable(true)
                .left_out(true),
            unsupported("area"),
            ColumnInfo::new("type", FieldType::Json).nullable(true),
        ],
    );
    let table = TableInfo {
        schema: Some("weather".to_owned()),
        ..table
            .with_tracking(Tracking::OnlyPK)
            .with_description("What a station measured.")
    };
    assert_eq!(
        body(&[table]),
        r#"use connector_core::{Decimal, DozerSource, Duration, Sent, Timestamp};

/// What a station measured.
#[derive(Debug, Clone, PartialEq, DozerSource)]
#[dozer(table = "readings", schema = "weather", tracking = "only_pk")]
pub struct Readings {
    #[dozer(primary_key)]
    pub id: i64,
    /// Degrees Celsius.
    ///
    /// Above ground.
    pub temp: Option<f64>,
    #[dozer(field = Decimal(10, 2))]
    pub price: Decimal,
    #[dozer(field = Timestamp(ms))]
    pub at: Timestamp,
    pub took: Duration,
    #[dozer(field = Text)]
    pub note: Sent<Option<String>>,
    // Column `area` is left out: its type `GEOMETRY` is not supported: select ST_AsText instead.
    pub r#type: Option<serde_json::Value>,
}
"#
    );
}

#[test]
fn a_key_in_another_order_than_the_columns_is_listed() {
    let table = TableInfo::new(
        "links",
        vec![int("a").key(2), int("b"), int("Match").key(1)],
    );
    let body = body(&[table]);
    assert!(body.contains("primary_key(r#match, a)"), "{body}");
    assert!(!body.contains("#[dozer(primary_key"), "{body}");
}

#[test]
fn a_key_that_no_struct_can_have_is_left_out_and_said() {
    let float = ColumnInfo::new("x", FieldType::Float).key(1);
    let cases = [
        (vec![float, int("y")], "its column `x` is `Float`"),
        (
            vec![int("x").key(1).nullable(true)],
            "its column `x` is nullable",
        ),
        (
            vec![int("x").key(1), unsupported("y").key(2)],
            "its column `y` is left out",
        ),
    ];
    for (columns, why) in cases {
        let table = TableInfo::new("t", columns).with_tracking(Tracking::OnlyPK);
        let body = body(&[table]);
        assert!(
            body.contains(&format!("    // No primary key: {why}")),
            "{body}"
        );
        assert!(body.contains("so old rows are not told."), "{body}");
        assert!(
            !body.contains("tracking") && !body.contains("primary_key"),
            "{body}"
        );
    }
}

#[test]
fn what_cannot_be_declared_is_a_comment() {
    let long = "x".repeat(256);
    let tables = [
        TableInfo::new("empty", Vec::new()),
        TableInfo::new("shapes", vec![unsupported("a")]),
        TableInfo::new("odd ", vec![int("a")]),
        TableInfo::new("twice", vec![int("a"), int("A"), int("b\u{7}"), int(&long)]),
    ];
    let body = body(&tables);
    for comment in [
        "// Table `empty` is left out: it has no columns.",
        "// Table `shapes` is left out: none of its columns can be read (`a`: its type `GEOMETRY` is",
        "// Table `odd` is left out: its name begins or ends with a space.",
        "    // Column `A` is left out: another column has its name, but for upper and lower case.",
        "    // Column `b\\u{7}` is left out: its name has a control character.",
        "is left out: its name is longer than 255 bytes.",
    ] {
        assert!(body.contains(comment), "{comment}\n{body}");
    }
    assert_eq!(read::structs(&generated(&tables)).unwrap().len(), 1);
}

#[test]
fn the_order_of_the_tables_given_does_not_count() {
    let tables = [
        TableInfo::new("b", vec![int("x")]),
        TableInfo::new("a", vec![int("x")]),
        TableInfo::new("B", vec![int("x")]),
    ];
    let reversed: Vec<TableInfo> = tables.iter().rev().cloned().collect();
    assert_eq!(generated(&tables), generated(&reversed));
}

#[test]
fn the_crates_are_those_that_the_code_names() {
    let planned = plan(&[TableInfo::new(
        "a",
        vec![ColumnInfo::new("x", FieldType::Json)],
    )]);
    let crates = |types| {
        text::crates(&planned, types)
            .into_iter()
            .collect::<Vec<_>>()
    };
    assert_eq!(crates(None), ["connector-core", "serde_json"]);
    assert_eq!(
        crates(Some("crate::Types")),
        ["connector-core", "serde_json"]
    );
    assert_eq!(
        crates(Some("::my_types::Types")),
        ["connector-core", "my-types", "serde_json"]
    );
    assert!(text::crates(&plan(&[]), Some("a::B")).is_empty());
}

fn told(before: &[TableInfo], now: &[TableInfo]) -> Vec<String> {
    let line = |it: Difference| {
        let place = [it.table, it.column]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>();
        format!("{}: {}", place.join("."), it.what)
    };
    let differences = differences(&generated(before), &generated(now));
    differences.into_iter().map(line).collect()
}

#[test]
fn every_difference_is_told_in_words() {
    let before = TableInfo::new("t", vec![int("id").key(1), int("a"), int("b"), int("c")]);
    let with = |columns: Vec<ColumnInfo>| vec![TableInfo::new("t", columns)];
    let id = || int("id").key(1);
    let cases = [
        (
            with(vec![id(), int("a"), int("c")]),
            "t.b: the source gives no such column",
        ),
        (
            with(vec![
                id(),
                int("a"),
                int("b"),
                int("c"),
                ColumnInfo::new("d", FieldType::Text),
            ]),
            "t.d: the struct has no field for it: it is `String as Text`",
        ),
        (
            with(vec![id(), int("a").nullable(true), int("b"), int("c")]),
            "t.a: the column is nullable now, the field is not",
        ),
        (
            with(vec![
                id(),
                ColumnInfo::new("a", FieldType::Text).nullable(true),
                int("b"),
                int("c"),
            ]),
            "t.a: the field is `i64` in the file and `Option<String> as Text` now",
        ),
        (
            with(vec![id(), int("a").left_out(true), int("b"), int("c")]),
            "t.a: a change may leave the column out now, and the field is no `Sent`",
        ),
        (
            with(vec![id(), int("b"), int("a"), int("c")]),
            "t: its columns are in another order now",
        ),
        (
            with(vec![id(), int("a").key(2), int("b"), int("c")]),
            "t: the primary key is `id` in the file and `id, a` now",
        ),
        (
            with(vec![
                id(),
                int("a").with_description("An a."),
                int("b"),
                int("c"),
            ]),
            "t.a: its description is another now",
        ),
        (
            vec![before.clone().with_tracking(Tracking::FullChanges)],
            "t: the tracking type is `nothing` in the file and `full_changes` now",
        ),
        (
            vec![before.clone().with_description("A t.")],
            "t: the table's description is another now",
        ),
        (
            vec![before.clone(), TableInfo::new("u", vec![int("a")])],
            "u: the file has no struct for it",
        ),
        (Vec::new(), "t: the source gives no such table"),
    ];
    for (now, words) in cases {
        assert_eq!(told(std::slice::from_ref(&before), &now), [words]);
    }
    assert!(
        differences(
            &generated(std::slice::from_ref(&before)),
            &generated(&[before])
        )
        .is_empty()
    );
}

#[test]
fn an_edit_by_hand_is_a_difference_and_a_new_layout_is_none() {
    let now = generated(&[TableInfo::new("t", vec![int("id").key(1), int("B c")])]);
    let laid_out = now
        .replace(", types", ",\n    types")
        .replace("SqliteType)]", "SqliteType,\n)]")
        .replace("    pub", "\tpub");
    assert_ne!(laid_out, now);
    assert!(differences(&laid_out, &now).is_empty());
    let what = |written: &str| {
        let found = differences(written, &now);
        found.into_iter().map(|it| it.what).collect::<Vec<_>>()
    };
    assert_eq!(
        what(&now.replace("Clone, ", "")),
        ["the struct was edited: its derives, attributes or visibility"]
    );
    assert_eq!(
        what(&now.replace("connector_sqlite::", "other::")),
        [
            "the path of the column types is `other::SqliteType` in the file and `connector_sqlite::SqliteType` now"
        ]
    );
    assert_eq!(
        what(&format!("{now}fn main() {{}}")),
        ["it holds what was not generated: expected one of: `struct`, `enum`, `union`"]
    );
    assert!(what(&now.replace("`shop`", "`bank`"))[0].starts_with("its first line would be"));
}

const NAMES: [&str; 24] = [
    "id",
    "ID",
    "a b",
    "a_b",
    "a-b",
    "aB",
    "self",
    "Self",
    "type",
    "r#type",
    "crate",
    "_",
    "__",
    "1st",
    "größe",
    "城市",
    "a\"b\\c",
    "a\u{202e}b",
    "option",
    "string",
    "user",
    "user_key",
    "Ünï",
    "é",
];

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => select(NAMES.as_slice()).prop_map(str::to_owned),
        1 => any::<String>(),
        1 => "[a-zA-Z0-9_ .]{1,100}",
    ]
}

fn column() -> impl Strategy<Value = ColumnInfo> {
    let types: Vec<Option<FieldType>> = (FieldType::ALL.into_iter())
        .chain([
            FieldType::Decimal(DecimalSize::new(76, -76)),
            FieldType::Timestamp(TimeUnit::Nano),
            FieldType::Duration(TimeUnit::Second),
        ])
        .map(Some)
        .chain([None])
        .collect();
    let key = prop::option::weighted(0.2, 1_u16..4);
    let flags = (any::<bool>(), any::<bool>());
    (name(), select(types), flags, key, any::<String>()).prop_map(
        |(name, typ, (nullable, left_out), key, description)| {
            let column = match typ {
                Some(typ) => ColumnInfo::new(name, typ),
                None => unsupported(&name),
            };
            ColumnInfo {
                key,
                // A key is always sent.
                may_be_left_out: left_out && key.is_none(),
                ..column.nullable(nullable).with_description(description)
            }
        },
    )
}

fn table() -> impl Strategy<Value = TableInfo> {
    let tracking = select(vec![
        Tracking::FullChanges,
        Tracking::OnlyPK,
        Tracking::Nothing,
    ]);
    let schema = prop::option::of(name());
    let columns = prop::collection::vec(column(), 0..8);
    (name(), schema, columns, tracking, any::<String>()).prop_map(
        |(name, schema, columns, tracking, description)| TableInfo {
            schema,
            ..TableInfo::new(name, columns)
                .with_tracking(tracking)
                .with_description(description)
        },
    )
}

/// What rustfmt would change; `None` where there is no rustfmt.
fn unformatted(text: &str) -> Option<String> {
    // The defaults, not this repository's settings.
    let settings = tempfile::tempdir().unwrap();
    std::fs::write(settings.path().join("rustfmt.toml"), "").unwrap();
    let rustfmt = Command::new("rustfmt")
        .args(["--check", "--edition", "2024"])
        .current_dir(settings.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut rustfmt = rustfmt.ok()?;
    rustfmt.stdin.take()?.write_all(text.as_bytes()).unwrap();
    let output = rustfmt.wait_with_output().unwrap();
    let told = [output.stdout, output.stderr].concat();
    Some(String::from_utf8_lossy(&told).into_owned())
}

#[test]
fn the_text_is_formatted() {
    let columns = |count: usize, length: usize| -> Vec<ColumnInfo> {
        let name = |place| format!("{place}{}", "n".repeat(length));
        let place = |place: usize| u16::try_from(count - place).unwrap_or(1);
        (0..count).map(|it| int(&name(it)).key(place(it))).collect()
    };
    let mut tables = Vec::new();
    for length in 1..100 {
        tables.push(TableInfo::new("t".repeat(length), columns(2, length)));
        tables.push(TableInfo::new(
            format!("k{length}"),
            columns(length % 12, 9),
        ));
        let json = ColumnInfo::new("j".repeat(length), FieldType::Json).nullable(true);
        let table = TableInfo::new(format!("j{length}"), vec![json, int(&"é日".repeat(length))]);
        tables.push(
            table
                .with_description("é日 ".repeat(length))
                .with_schema("s"),
        );
    }
    let mut random = TestRunner::deterministic();
    let several = prop::collection::vec(table(), 100);
    tables.extend(several.new_tree(&mut random).unwrap().current());
    for types in [None, Some("a::B")] {
        let text = text::file("shop", &plan(&tables), types);
        assert_eq!(unformatted(&text).unwrap_or_default(), "");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_tables_are_the_text_is_rust_with_names_of_its_own(
        tables in prop::collection::vec(table(), 0..12)
    ) {
        let planned = plan(&tables);
        let text = generated(&tables);
        let structs = read::structs(&text).unwrap();
        let rows: Vec<&Row> = planned.iter().filter_map(|it| it.row.as_ref().ok()).collect();
        prop_assert_eq!(structs.len(), rows.len());
        let mut names = HashSet::new();
        for (declared, row) in structs.iter().zip(rows) {
            prop_assert_eq!(&declared.ident, &row.ident);
            prop_assert!(names.insert(declared.ident.clone()), "{}", declared.ident);
            if declared.tracking == "only_pk" {
                prop_assert!(!declared.key.is_empty());
                prop_assert!(names.insert(format!("{}Key", declared.ident)), "{}", declared.ident);
            }
            let (mut fields, mut columns) = (HashSet::new(), HashSet::new());
            prop_assert_eq!(declared.columns.len(), row.fields().count());
            for (column, field) in declared.columns.iter().zip(row.fields()) {
                prop_assert_eq!(&column.name, &field.column);
                prop_assert_eq!(column.left_out, field.left_out);
                prop_assert_eq!(column.nullable, field.nullable);
                prop_assert!(fields.insert(column.ident.clone()), "{}", column.ident);
                prop_assert!(columns.insert(column.name.to_lowercase()), "{}", column.name);
                let redundant = format!("column = {:?}", column.ident.trim_start_matches("r#"));
                prop_assert!(!declared.tokens.contains(&redundant), "{}", redundant);
            }
        }
        prop_assert!(differences(&text, &text).is_empty());
    }
}
