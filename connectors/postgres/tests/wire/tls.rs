use connector_postgres::Settings;
use connector_postgres::wire::{Connection, Mode, PgError};

use crate::certificates::{Authority, Issued};
use crate::cluster::{Cluster, Options};
use crate::interceptor::intercept;
use crate::{CLIENT_AUTHORITY, CLUSTER, ENCODED, SERVER_AUTHORITY, open, refused};

/// A connection to `localhost`, the name in the server's certificate.
fn by_name(host: &str, login: &str, parameters: &str) -> Result<Connection, PgError> {
    let url = format!(
        "postgres://{login}@{host}:{}/postgres?{parameters}",
        CLUSTER.port()
    );
    Connection::open(&Settings::from_url(&url).unwrap(), Mode::Query)
}

fn authority() -> String {
    CLUSTER.file("server-authority.crt", &SERVER_AUTHORITY.certificate())
}

fn is_encrypted(mut connection: Connection) -> bool {
    let sql = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    let rows = connection.query(sql).unwrap();
    rows.one().unwrap().is_true("ssl").unwrap()
}

#[test]
fn each_mode_protects_as_far_as_it_says() {
    let authority = authority();
    assert!(!is_encrypted(open("trust", "sslmode=disable").unwrap()));
    assert!(is_encrypted(open("trust", "sslmode=prefer").unwrap()));
    assert!(is_encrypted(open("trust", "sslmode=require").unwrap()));
    let verify_ca = format!("sslmode=verify-ca&sslrootcert={authority}");
    assert!(is_encrypted(open("trust", &verify_ca).unwrap()));
    let verify_full = format!("sslmode=verify-full&sslrootcert={authority}");
    assert!(is_encrypted(
        by_name("localhost", "trust", &verify_full).unwrap()
    ));
}

#[test]
fn a_certificate_for_another_name_is_refused_by_verify_full() {
    let verify_full = format!("sslmode=verify-full&sslrootcert={}", authority());
    let error = refused(open("trust", &verify_full));
    assert!(error.message().contains("not to be trusted"), "{error}");
    assert!(
        error.help().unwrap().contains("subject alternative name"),
        "{error}"
    );
    assert!(!error.is_transient());
}

#[test]
fn a_certificate_of_another_authority_is_refused() {
    let other = CLUSTER.file("other.crt", &CLIENT_AUTHORITY.certificate());
    for mode in ["verify-ca", "verify-full"] {
        let error = by_name(
            "localhost",
            "trust",
            &format!("sslmode={mode}&sslrootcert={other}"),
        );
        let error = refused(error);
        assert!(error.message().contains("not to be trusted"), "{error}");
        assert!(
            error.help().unwrap().contains("ssl_root_certificate"),
            "{error}"
        );
    }
    // The system's authorities, where there are any, did not sign it, either.
    assert!(!refused(open("trust", "sslmode=verify-ca")).is_transient());
}

#[test]
fn files_that_cannot_be_used_are_named() {
    for (parameters, expected) in [
        (
            "sslmode=verify-ca&sslrootcert=/no/such/file",
            "the certificate file `/no/such/file`",
        ),
        (
            "sslmode=verify-ca&sslrootcert=/etc/passwd",
            "there is no certificate in it",
        ),
        (
            "sslmode=require&sslcert=/no/cert&sslkey=/no/key",
            "the certificate file `/no/cert`",
        ),
    ] {
        let error = refused(open("trust", parameters));
        assert!(error.message().contains(expected), "{error}");
        assert_eq!(error.kind(), connector_core::ErrorKind::Config);
    }
}

#[test]
fn a_client_certificate_logs_in() {
    let of = |certificate: &Issued, key: &Issued, name: &str| {
        let certificate = CLUSTER.file(&format!("{name}.crt"), &certificate.certificate);
        let key = CLUSTER.file(&format!("{name}.key"), &key.key);
        format!("sslmode=require&sslcert={certificate}&sslkey={key}")
    };
    let mine = CLIENT_AUTHORITY.issue("certified", &[]);
    let stranger = Authority::new("strangers'").issue("certified", &[]);
    assert!(is_encrypted(
        open("certified", &of(&mine, &mine, "mine")).unwrap()
    ));
    let error = refused(open("certified", "sslmode=require"));
    assert!(error.message().contains("certificate"), "{error}");
    refused(open("certified", &of(&stranger, &stranger, "stranger")));
    let mixed = of(&mine, &stranger, "mixed");
    assert!(
        refused(open("certified", &mixed))
            .message()
            .contains("client certificate")
    );
}

#[test]
fn prefer_goes_without_tls_where_the_server_wants_none() {
    assert!(!is_encrypted(open("plain", "sslmode=prefer").unwrap()));
    assert!(
        refused(open("plain", "sslmode=require"))
            .message()
            .contains("28000")
    );
}

#[test]
fn a_server_without_tls_is_refused_by_require_and_taken_by_prefer() {
    let cluster = Cluster::start(&Options::default());
    let url = |mode: &str| cluster.url("postgres", &format!("postgres?sslmode={mode}"));
    let open = |mode: &str| Connection::open(&Settings::from_url(&url(mode)).unwrap(), Mode::Query);
    assert!(!is_encrypted(open("prefer").unwrap()));
    for mode in ["require", "verify-ca", "verify-full"] {
        let error = refused(open(mode));
        assert!(error.message().contains("has no TLS"), "{error}");
        assert!(!error.is_transient());
    }
}

#[test]
fn a_login_is_refused_where_someone_decrypts_between_though_no_certificate_is_checked() {
    let port = intercept(
        CLUSTER.port(),
        &Authority::new("interceptor's").issue("i", &["i"]),
    );
    let through = |login: &str| {
        let url = format!("postgres://{login}@127.0.0.1:{port}/postgres?sslmode=require");
        Connection::open(&Settings::from_url(&url).unwrap(), Mode::Query)
    };
    assert!(is_encrypted(through("trust").unwrap()));
    let error = refused(through(&format!("scram:{ENCODED}")));
    assert!(error.message().contains("channel binding"), "{error}");
    assert!(is_encrypted(
        open(&format!("scram:{ENCODED}"), "sslmode=require").unwrap()
    ));
}
