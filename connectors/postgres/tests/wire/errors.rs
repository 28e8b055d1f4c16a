use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::thread;
use std::time::{Duration, Instant};

use connector_postgres::Settings;
use connector_postgres::wire::{Connection, Mode, PgError};

use crate::cluster::{Cluster, Options, Stop, free_port};
use crate::{CLUSTER, ENCODED, open, refused};

fn open_url(url: &str) -> Result<Connection, PgError> {
    Connection::open(&Settings::from_url(url).unwrap(), Mode::Query)
}

#[test]
fn the_parts_of_a_servers_error_are_kept() {
    let mut connection = CLUSTER.connect("postgres");
    connection
        .execute("CREATE TEMP TABLE t (a int CONSTRAINT small CHECK (a < 5), b int NOT NULL)")
        .unwrap();
    let error = connection.execute("INSERT INTO t VALUES (1)").unwrap_err();
    let server = error.server().unwrap();
    assert_eq!(server.code, "23502");
    assert_eq!(server.severity, "ERROR");
    assert_eq!(server.table.as_deref(), Some("t"));
    assert_eq!(server.column.as_deref(), Some("b"));
    assert!(server.detail.as_ref().unwrap().contains("Failing row"));
    let error = connection.execute("SELECT leng('a')").unwrap_err();
    assert!(error.help().unwrap().starts_with("No function matches"));
    let mut connection = open("trust", "").unwrap();
    let error = connection.execute("SELECT * FROM pg_authid").unwrap_err();
    assert_eq!(
        connector_core::Error::from(error).help(),
        Some("grant the right to the role that the connection logs in as")
    );
}

#[test]
fn a_session_that_is_terminated_can_be_tried_again() {
    for mode in ["disable", "require"] {
        let mut connection = open("trust", &format!("sslmode={mode}")).unwrap();
        let sql = format!("SELECT pg_terminate_backend({})", connection.process_id());
        CLUSTER.connect("postgres").execute(&sql).unwrap();
        thread::sleep(Duration::from_millis(100));
        let error = connector_core::Error::from(connection.query("SELECT 1").unwrap_err());
        assert!(error.is_transient(), "{error}");
        assert!(error.message().contains("57P01"), "{error}");
        let again = connection.query("SELECT 1").unwrap_err();
        assert!(again.is_transient(), "{again}");
    }
}

#[test]
fn a_server_that_is_stopped_and_one_that_is_gone_can_be_tried_again() {
    let cluster = Cluster::start(&Options::default());
    for stop in [Stop::Fast, Stop::Immediate] {
        let mut connection = cluster.connect("postgres");
        cluster.stop(stop);
        let error = connection.query("SELECT 1").unwrap_err();
        assert!(error.is_transient(), "{error}");
        let error = refused(Connection::open(&cluster.settings("postgres"), Mode::Query));
        assert!(error.is_transient(), "{error}");
        assert!(
            error.help().unwrap().contains("`listen_addresses`"),
            "{error}"
        );
        cluster.start_again();
    }
    let mut connection = cluster.connect("postgres");
    cluster.kill();
    cluster.start_again();
    assert!(connection.query("SELECT 1").unwrap_err().is_transient());
    cluster.connect("postgres").execute("SELECT 1").unwrap();
}

#[test]
fn too_many_connections_is_told_with_what_to_raise() {
    let conf = "max_connections = 5\nsuperuser_reserved_connections = 0\nmax_wal_senders = 2";
    let cluster = Cluster::start(&Options {
        conf: conf.into(),
        ..Options::default()
    });
    let open = || Connection::open(&cluster.settings("postgres"), Mode::Query);
    let held: Vec<_> = (0..5).map_while(|_| open().ok()).collect();
    let error = refused(open());
    assert!(error.message().contains("53300"), "{error}");
    assert!(error.help().unwrap().contains("`max_connections`"));
    assert!(error.is_transient());
    drop(held);
}

#[test]
fn places_where_nothing_listens_are_named() {
    let error = refused(open_url(&format!(
        "postgres://u:canary@127.0.0.1:{}/d",
        free_port()
    )));
    assert!(
        error.message().contains("cannot connect to `127.0.0.1:"),
        "{error}"
    );
    assert!(error.is_transient());
    let error = refused(open_url("postgres://u:canary@/d?host=/no/such/directory"));
    assert!(
        error.message().contains("/no/such/directory/.s.PGSQL.5432"),
        "{error}"
    );
}

#[test]
fn a_server_that_says_nothing_is_not_waited_for_longer_than_the_limit() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    for mode in ["disable", "require"] {
        let start = Instant::now();
        let url =
            format!("postgres://u:{ENCODED}@127.0.0.1:{port}/d?connect_timeout=1&sslmode={mode}");
        let error = refused(open_url(&url));
        assert!(
            error.message().contains("did not answer within 1s"),
            "{error}"
        );
        assert!(error.is_transient());
        assert!(start.elapsed() < Duration::from_secs(5));
    }
    let settings = CLUSTER.settings("postgres");
    let settings = settings.with_read_timeout(Some(Duration::from_millis(300)));
    let mut connection = Connection::open(&settings, Mode::Query).unwrap();
    let error = connection.query("SELECT pg_sleep(30)").unwrap_err();
    assert!(matches!(error, PgError::Timeout { .. }), "{error}");
    assert!(matches!(
        connection.query("SELECT 1"),
        Err(PgError::Unusable(_))
    ));
}

/// A server that answers what is asked first with these bytes, then reads on.
fn answers(bytes: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        while let Ok((mut socket, _)) = listener.accept() {
            let _ = socket.read(&mut [0; 1024]);
            let _ = socket.write_all(&bytes);
            while socket.read(&mut [0; 1024]).is_ok_and(|count| count > 0) {}
        }
    });
    format!("postgres://u:{ENCODED}@127.0.0.1:{port}/d?connect_timeout=2&sslmode=")
}

#[test]
fn words_slipped_in_behind_the_agreement_to_tls_are_never_the_servers() {
    // `S`, then a login that is done and a free connection: all of it before the handshake.
    let mut bytes = b"SR\0\0\0\x08\0\0\0\0Z\0\0\0\x05I".to_vec();
    bytes.extend([0; 64]);
    let error = refused(open_url(&(answers(bytes) + "require")));
    assert!(error.message().contains("TLS"), "{error}");
}

#[test]
fn what_is_no_postgres_server_is_told_as_such() {
    let http = || b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec();
    let error = refused(open_url(&(answers(http()) + "disable")));
    assert!(error.message().contains("Postgres's protocol"), "{error}");
    let error = refused(open_url(&(answers(http()) + "require")));
    assert!(error.message().contains("Postgres's protocol"), "{error}");
    assert!(!error.is_transient());
}

#[test]
fn a_server_cannot_skip_its_own_proof() {
    // It offers SCRAM and, after the client's first words, says that the login is done.
    let mut bytes = b"R\0\0\0\x17\0\0\0\x0aSCRAM-SHA-256\0\0".to_vec();
    bytes.extend(b"R\0\0\0\x08\0\0\0\0K\0\0\0\x0c\0\0\0\0\0\0\0\0Z\0\0\0\x05I");
    let error = refused(open_url(&(answers(bytes) + "disable")));
    assert!(
        error.message().contains("step of the login is missing"),
        "{error}"
    );
}
