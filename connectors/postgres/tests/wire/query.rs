use std::thread;
use std::time::{Duration, Instant};

use connector_postgres::wire::{Connection, Mode, PgError};
use connector_postgres::{Settings, identifier, literal};

use crate::{CLUSTER, open};

#[test]
fn a_query_gives_text_by_column_name() {
    let mut connection = CLUSTER.connect("postgres");
    let rows = connection
        .query("SELECT g AS n, NULLIF(g, 2) AS m, g > 1 AS more FROM generate_series(1, 3) g")
        .unwrap();
    assert_eq!(rows.columns(), ["n", "m", "more"]);
    let numbers: Vec<u32> = rows.iter().map(|row| row.parse("n").unwrap()).collect();
    assert_eq!(numbers, [1, 2, 3]);
    let nulls: Vec<_> = rows.iter().map(|row| row.get("m").unwrap()).collect();
    assert_eq!(nulls, [Some("1"), None, Some("3")]);
    assert!(!rows.first().unwrap().is_true("more").unwrap());
    assert!(connection.server_version() >= 120_000);
    assert_eq!(connection.parameter("TimeZone"), Some("UTC"));
    let row = connection.query("SELECT pg_backend_pid() AS id").unwrap();
    assert_eq!(
        row.one().unwrap().parse::<i32>("id").unwrap(),
        connection.process_id()
    );
}

#[test]
fn a_unix_socket_is_a_directory_as_host() {
    let directory = CLUSTER.socket_directory().display();
    let url = format!(
        "postgres://postgres@/postgres?host={directory}&port={}",
        CLUSTER.port()
    );
    let settings = Settings::from_url(&url).unwrap();
    let mut connection = Connection::open(&settings, Mode::Query).unwrap();
    let row = connection
        .query("SELECT inet_client_addr() IS NULL AS local")
        .unwrap();
    assert!(row.one().unwrap().is_true("local").unwrap());
}

#[test]
fn an_error_leaves_the_connection_usable() {
    let mut connection = CLUSTER.connect("postgres");
    let error = connection
        .query("SELECT 1; SELECT 1/0; SELECT 2")
        .unwrap_err();
    assert_eq!(error.code(), Some("22012"));
    let rows = connection
        .query("SELECT 1 AS one; SELECT 2 AS two")
        .unwrap();
    assert_eq!(rows.one().unwrap().text("two").unwrap(), "2");
    assert!(connection.query("SELECT 'a\0b'").is_err());
    // A notice and a changed setting may come at any time.
    connection
        .execute("DO $$ BEGIN RAISE NOTICE 'n'; END $$; SET application_name = 'renamed'")
        .unwrap();
    assert_eq!(connection.parameter("application_name"), Some("renamed"));
}

#[test]
fn quoted_names_and_strings_are_the_servers() {
    let mut connection = CLUSTER.connect("postgres");
    for text in ["a\"b", "it's", r"\'; --", "ünï \u{1F980}", ""] {
        let sql = format!(
            "SELECT {} AS {}",
            literal(text),
            identifier(&format!("c{text}"))
        );
        let rows = connection.query(&sql).unwrap();
        let value = rows
            .one()
            .unwrap()
            .text(&format!("c{text}"))
            .unwrap()
            .to_owned();
        assert_eq!(value, text);
    }
}

#[test]
fn a_copy_where_a_query_is_expected_is_an_error_and_not_a_hang() {
    let mut connection = CLUSTER.connect("postgres");
    let error = connection.query("COPY (SELECT 1) TO STDOUT").unwrap_err();
    assert!(error.to_string().contains("has no place"), "{error}");
    assert!(matches!(
        connection.query("SELECT 1"),
        Err(PgError::Unusable(_))
    ));
    let mut connection = CLUSTER.connect("postgres");
    assert!(
        connection
            .execute("CREATE TEMP TABLE t (a int); COPY t FROM STDIN")
            .is_err()
    );
}

#[test]
fn another_thread_stops_a_statement() {
    for mode in ["disable", "require"] {
        let mut connection = open("trust", &format!("sslmode={mode}")).unwrap();
        let cancel = connection.cancel_request();
        let stopper = thread::spawn(move || {
            thread::sleep(Duration::from_millis(200));
            cancel.send().unwrap();
        });
        let start = Instant::now();
        let error = connection.query("SELECT pg_sleep(60)").unwrap_err();
        assert_eq!(error.code(), Some("57014"));
        assert!(start.elapsed() < Duration::from_secs(20));
        stopper.join().unwrap();
        connection.execute("SELECT 1").unwrap();
    }
}

#[test]
fn dropping_a_connection_ends_the_session() {
    let connection = open("trust", "sslmode=require").unwrap();
    let id = connection.process_id();
    drop(connection);
    let mut observer = CLUSTER.connect("postgres");
    let sql = format!("SELECT 1 FROM pg_stat_activity WHERE pid = {id}");
    let end = Instant::now() + Duration::from_secs(10);
    while !observer.query(&sql).unwrap().is_empty() {
        assert!(Instant::now() < end, "the session is still there");
        thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn one_value_has_one_text_form_whatever_the_servers_defaults_are() {
    let mut owner = CLUSTER.database("forms");
    for setting in [
        "DateStyle = 'German'",
        "TimeZone = 'Asia/Tokyo'",
        "IntervalStyle = 'sql_standard'",
        "extra_float_digits = 0",
        "bytea_output = 'escape'",
        "statement_timeout = '1ms'",
    ] {
        let sql = format!("ALTER DATABASE forms SET {setting}");
        owner.execute(&sql).unwrap();
    }
    let settings = CLUSTER.settings("forms");
    for mode in [Mode::Query, Mode::Replication] {
        let mut connection = Connection::open(&settings, mode).unwrap();
        let sql = "SELECT '2024-02-01 10:00+01'::timestamptz AS t, '1 day 2 hours'::interval AS i, 0.1::float4 AS f, \
                   '\\x01ff'::bytea AS b, pg_sleep(0.05)";
        let rows = connection.query(sql).unwrap();
        let row = rows.one().unwrap();
        let values = ["t", "i", "f", "b"].map(|column| row.text(column).unwrap());
        assert_eq!(
            values,
            ["2024-02-01 09:00:00+00", "1 day 02:00:00", "0.1", "\\x01ff"]
        );
    }
}
