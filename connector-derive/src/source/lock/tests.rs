//! The comparison, without a compiler: what it leaves to constants is told in the compile-fail tests.

use quote::ToTokens;

use super::super::parse::{self, Item};
use super::*;

/// Two sources of one table, of which the second leaves out the key, and a table of another schema.
const LOCK: &str = r#"{ "version": 1, "sources": {
    "all": {
        "table_name": "readings",
        "schema": {
            "fields": [
                { "name": "station", "type": "String", "nullable": false },
                { "name": "at", "type": "Timestamp(us)", "nullable": false },
                { "name": "level", "type": "Int", "nullable": false }
            ],
            "primary_index": [1, 0]
        },
        "replication_type": "OnlyPK"
    },
    "levels": {
        "table_name": "readings",
        "schema": {
            "fields": [
                { "name": "level", "type": "Int8", "nullable": true },
                { "name": "note", "type": "Text", "nullable": true }
            ],
            "primary_index": []
        },
        "replication_type": "Nothing"
    },
    "orders": {
        "namespace": "shop",
        "table_name": "orders",
        "schema": { "fields": [{ "name": "id", "type": "Int", "nullable": false }], "primary_index": [] },
        "replication_type": "Nothing"
    }
} }"#;

/// What differs, and the constants for the rest.
fn compared(declaration: &str) -> (Vec<String>, String) {
    let input: syn::DeriveInput = syn::parse_str(declaration).expect("a type");
    let errors = Errors::default();
    let Some(Item::Row(row)) = parse::item(&input, &errors) else {
        panic!("not a row: {declaration}");
    };
    assert!(errors.is_empty(), "{:?}", errors.messages());
    let lock = Lock::read(LOCK).expect("a lock file");
    let constants = compare(&row, &lock, "x.lock", &errors);
    (errors.messages(), constants.into_token_stream().to_string())
}

fn differences(declaration: &str) -> Vec<String> {
    compared(declaration).0
}

#[test]
fn a_row_may_read_fewer_columns_and_declare_no_key() {
    let (told, constants) = compared(
        "#[dozer(table = \"readings\")] struct Row { level: Option<i64>, #[dozer(skip)] x: u8 }",
    );
    assert_eq!(told, [] as [&str; 0]);
    // Both sources have the column, each with a type of its own; `i64` is known to hold the first.
    assert_eq!(constants.matches("readable").count(), 1, "{constants}");
    assert!(constants.contains("of source `levels`"), "{constants}");
}

#[test]
fn a_column_is_there_if_one_source_has_it_and_nullable_if_one_says_so() {
    let told = differences(
        "#[dozer(table = \"readings\")] struct Row { level: i64, note: Option<String> }",
    );
    assert_eq!(
        told,
        [
            "column `level` of `readings` is nullable in `x.lock`, and field `level` is not\n\
          help: make it `Option<i64>`, or give null a meaning: `#[dozer(default)]`"
        ]
    );
}

#[test]
fn a_key_that_one_source_has_is_the_key() {
    let key = "#[dozer(table = \"readings\", tracking = \"only_pk\", primary_key(at, station))]";
    let told = differences(&format!(
        "{key} struct Row {{ station: String, at: Timestamp }}"
    ));
    assert_eq!(told, [] as [&str; 0]);
}

#[test]
fn the_edit_of_a_key_is_complete() {
    for (row, edit) in [
        (
            "struct Row { at: Timestamp, #[dozer(primary_key)] station: String }",
            "help: add `#[dozer(primary_key)]` to `at`",
        ),
        (
            "struct Row { #[dozer(primary_key)] level: u8, at: Timestamp, station: String }",
            "help: add `#[dozer(primary_key)]` to `at`, and add `#[dozer(primary_key)]` to `station`, and remove `primary_key` from `level`",
        ),
        (
            "struct Row { #[dozer(primary_key)] station: String, at: Timestamp }",
            "help: list it on the struct, in the key's order, in place of the marks on the fields: `primary_key(at, station)`",
        ),
        (
            "#[dozer(primary_key(station))] struct Row { station: String }",
            "help: add a field for `at`, and list it in `primary_key(…)`",
        ),
    ] {
        let row = row.replacen("struct", "#[dozer(table = \"readings\")] struct", 1);
        let told = differences(&row.replace("level: u8", "#[dozer(default)] level: u8"));
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!(told[0].lines().nth(1), Some(edit), "{row}");
    }
}

#[test]
fn a_mistyped_key_column_is_told_once() {
    let told = differences(
        "#[dozer(table = \"readings\")] struct Row { #[dozer(primary_key)] station: String, #[dozer(primary_key)] ta: Timestamp }",
    );
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].starts_with("`readings` has no column `ta` in `x.lock`"),
        "{told:?}"
    );
}

#[test]
fn a_column_of_another_field_is_not_suggested() {
    let told = differences(
        "#[dozer(table = \"orders\", schema = \"shop\")] struct Row { id: i64, i: i64 }",
    );
    assert!(told[0].contains("help: remove the field"), "{told:?}");
}

#[test]
fn a_table_is_found_with_and_without_its_schema() {
    assert_eq!(
        differences("#[dozer(table = \"orders\")] struct Row { id: i64 }"),
        [] as [&str; 0]
    );
    let told = differences(
        "#[dozer(table = \"readings\", schema = \"shop\")] struct Row { at: Timestamp }",
    );
    assert_eq!(
        told,
        [
            "there is no table `shop.readings` in `x.lock`\nhelp: remove `schema`: the table is in none"
        ]
    );
}

#[test]
fn the_type_of_a_parameter_is_left_to_the_rows_user() {
    let (told, constants) =
        compared("#[dozer(table = \"readings\")] struct Row<T> { level: T, note: Box<T> }");
    assert_eq!((told.len(), constants.as_str()), (0, ""));
}
