//! Edge values: both forms give the same, and what is expected.

use connector_postgres::types::{PostgresType, TypeOptions};

use crate::CLUSTER;
use crate::read::{column, decoder};
use crate::values::{EDGES, MANY, TYPES};

#[test]
fn edge_values_are_the_same_in_both_forms() {
    let mut connection = CLUSTER.database("edges");
    connection.execute(TYPES).unwrap();
    let mut wrong = Vec::new();
    for (declared, edges) in EDGES {
        let decoder = decoder(&mut connection, declared, TypeOptions::default()).unwrap();
        assert!(decoder.has_binary_form(), "{declared}");
        for (sql, expected) in *edges {
            let query = format!("SELECT ({sql})::{declared}");
            let text = column(&mut connection, &decoder, &query, false);
            let binary = column(&mut connection, &decoder, &query, true);
            assert_eq!(text, binary, "{declared}: {sql}");
            let told = match &text[0] {
                Ok(json) => json.clone(),
                Err(misfit) => format!("!{misfit}"),
            };
            if *expected != "…" && told != *expected {
                wrong.push(format!("{declared}: {sql}\n  {told}\n  {expected}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn many_values_are_the_same_in_both_forms() {
    let mut connection = CLUSTER.database("many");
    for (declared, sql) in MANY {
        let decoder = decoder(&mut connection, declared, TypeOptions::default()).unwrap();
        let insert = format!("INSERT INTO one SELECT {sql} FROM generate_series(1, 2000) g");
        connection
            .execute(&insert)
            .unwrap_or_else(|error| panic!("{sql}: {error}"));
        let text = column(&mut connection, &decoder, "SELECT v FROM one", false);
        let binary = column(&mut connection, &decoder, "SELECT v FROM one", true);
        assert_eq!(text.len(), 2000, "{declared}");
        for (text, binary) in text.iter().zip(&binary) {
            assert!(text.is_ok(), "{declared}: {text:?}");
            assert_eq!(text, binary, "{declared}: {sql}");
        }
    }
}

#[test]
fn other_styles_of_the_session_give_the_same_values() {
    let mut connection = CLUSTER.database("styles");
    for (declared, setting, sql) in [
        ("bytea", "bytea_output = 'escape'", "'\\x005c27ff41'"),
        (
            "interval",
            "IntervalStyle = 'iso_8601'",
            "'1 year -2 days 03:04:05.5'",
        ),
    ] {
        let decoder = decoder(&mut connection, declared, TypeOptions::default()).unwrap();
        connection.execute(&format!("SET {setting}")).unwrap();
        let query = format!("SELECT ({sql})::{declared}");
        let text = column(&mut connection, &decoder, &query, false);
        assert_eq!(text, column(&mut connection, &decoder, &query, true));
        assert!(text[0].is_ok());
    }
}

#[test]
fn numerics_as_text_hold_what_no_decimal_does() {
    let mut connection = CLUSTER.database("as_text");
    let options = TypeOptions {
        numeric_as_text: true,
    };
    let decoder = decoder(&mut connection, "numeric(10,2)", options).unwrap();
    for value in ["NaN", "Infinity", "-Infinity", "1.50", "-0.001"] {
        let query = format!("SELECT '{value}'::numeric");
        for binary in [false, true] {
            let read = column(&mut connection, &decoder, &query, binary);
            assert_eq!(read, [Ok(format!("\"{value}\""))]);
        }
    }
}

#[test]
fn types_without_a_documented_binary_form_are_read_as_text() {
    let mut connection = CLUSTER.database("text_forms");
    for (declared, sql, expected) in [
        ("regclass", "'pg_class'", "\"pg_class\""),
        (
            "tsquery",
            "'fat & (rat | !cat)'",
            "\"'fat' & ( 'rat' | !'cat' )\"",
        ),
        (
            "aclitem",
            "'pg_monitor=r/pg_monitor'",
            "\"pg_monitor=r/pg_monitor\"",
        ),
        ("int2vector", "'1 2'", "\"1 2\""),
        ("regtype[]", "'{integer,text}'", "[\"integer\",\"text\"]"),
    ] {
        let decoder = decoder(&mut connection, declared, TypeOptions::default()).unwrap();
        assert!(!decoder.has_binary_form(), "{declared}");
        let query = format!("SELECT ({sql})::{declared}");
        let read = column(&mut connection, &decoder, &query, false);
        assert_eq!(read, [Ok(expected.to_owned())], "{declared}");
    }
}

#[test]
fn a_domain_is_its_base_type() {
    let mut connection = CLUSTER.database("domains");
    connection.execute(TYPES).unwrap();
    let decoder = decoder(&mut connection, "price", TypeOptions::default()).unwrap();
    assert!(matches!(
        decoder.postgres_type(),
        PostgresType::SizedNumeric { .. }
    ));
    assert_eq!(decoder.field_type().to_string(), "Decimal(8, 3)");
}
