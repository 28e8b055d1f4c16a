use connector_postgres::Settings;
use connector_postgres::wire::{Connection, Mode};

use crate::CLUSTER;

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
