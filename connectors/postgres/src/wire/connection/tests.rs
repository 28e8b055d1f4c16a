#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::thread;
use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::wire::socket::{Socket, Wait};

#[test]
fn versions_are_numbers_as_the_server_counts_them() {
    assert_eq!(version_number("15.18 (Debian 15.18-0+deb12u1)"), 150_018);
    assert_eq!(version_number("18beta1"), 180_000);
    assert_eq!(version_number("9.6.24"), 90_624);
    assert_eq!(version_number("99999999999.99999999999"), 0);
    assert_eq!(version_number(""), 0);
}

fn message(tag: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).unwrap();
    [&[tag], &length.to_be_bytes()[..], body].concat()
}

const LOGGED_IN: &[u8] =
    b"R\0\0\0\x08\0\0\0\0K\0\0\0\x0c\0\0\0\x07\0\0\0\x08Z\0\0\0\x05IZ\0\0\0\x05I";

/// A connection to a server that says this, whatever it is asked, and hangs up; gives what it was told.
fn told(bytes: Vec<u8>, use_it: impl FnOnce(Result<Connection>)) -> Vec<u8> {
    let (mine, mut other) = UnixStream::pair().unwrap();
    let server = thread::spawn(move || {
        let _ = other.write_all(&bytes);
        let _ = other.shutdown(std::net::Shutdown::Write);
        let mut heard = Vec::new();
        let _ = other.read_to_end(&mut heard);
        heard
    });
    let settings = Settings::from_url("postgres://u:p@h/d").unwrap();
    let mut socket = Socket::unix(mine).unwrap();
    socket.set_wait(Wait::Silence(Some(Duration::from_secs(10))));
    let transport = Transport::Plain(socket);
    use_it(Connection::over(
        transport,
        &settings,
        Mode::Replication,
        SslMode::Disable,
    ));
    server.join().unwrap()
}

fn answers(bytes: &[u8], use_it: impl FnOnce(Connection)) -> Vec<u8> {
    told([LOGGED_IN, bytes].concat(), |opened| {
        use_it(opened.unwrap());
    })
}

#[test]
fn an_answer_that_is_cut_is_a_loss_that_can_be_tried_again() {
    answers(b"T\0\0\0\x06\0\0D\0\0", |mut connection| {
        let error = connection.query("SELECT").unwrap_err();
        assert!(
            matches!(error, PgError::Lost(_)) && error.is_transient(),
            "{error}"
        );
    });
}

#[test]
fn a_fatal_error_is_told_before_the_end_that_follows_it() {
    let fatal = message(b'E', b"SFATAL\0C57P01\0Mgoing down\0\0");
    answers(&fatal, |mut connection| {
        let error = connection.query("SELECT").unwrap_err();
        assert_eq!(error.code(), Some("57P01"));
        assert!(matches!(
            connection.query("SELECT"),
            Err(PgError::Unusable(_))
        ));
    });
}

#[test]
fn a_confirmed_position_never_goes_back() {
    let heard = answers(b"W\0\0\0\x07\0\0\0", |connection| {
        let mut stream = connection.start_replication("START_REPLICATION").unwrap();
        for position in [9, 1, 0] {
            stream.confirm(position).unwrap();
        }
    });
    // Three status updates, then the farewell of five bytes.
    let updates = heard.len() - 5 - 3 * 39..heard.len() - 5;
    for update in heard[updates].chunks(39) {
        assert_eq!(update[..6], *b"d\0\0\0\x26r");
        assert_eq!(update[6..14], 9u64.to_be_bytes());
        assert_eq!(update[14..22], 9u64.to_be_bytes());
    }
}

/// Messages that look like a server's, with bodies that need not.
fn messages() -> impl Strategy<Value = Vec<u8>> {
    let tag = prop::sample::select(b"RKZETDCIHGWdcSNAvt12ns3V".to_vec());
    let body = prop::collection::vec(prop_oneof![Just(0u8), Just(1), any::<u8>()], 0..24);
    let one = (tag, body).prop_map(|(tag, body)| message(tag, &body));
    prop::collection::vec(one, 0..8).prop_map(|messages| messages.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_server_makes_the_login_panic_or_hang(bytes in messages(), rest: [u8; 16]) {
        told([&bytes[..], &rest].concat(), |opened| drop(opened.map(|_| ())));
    }

    #[test]
    fn no_server_makes_a_statement_panic_or_hang(bytes in messages(), which in 0..3) {
        answers(&bytes, |mut connection| match which {
            0 => drop(connection.query("SELECT")),
            1 => {
                if let Ok(mut copy) = connection.copy_out("COPY") {
                    while let Ok(Some(_)) = copy.next() {}
                }
            }
            _ => {
                if let Ok(mut stream) = connection.start_replication("START_REPLICATION") {
                    while stream.receive(Duration::from_secs(5)).is_ok() {}
                }
            }
        });
    }
}
