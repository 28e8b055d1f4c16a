//! No bytes of a server, and no setting, make the reader panic, hang, or take memory without bound.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::time::Duration;

use connector_conformance::fuzz::{survives, survives_some};
use connector_core::{Column, ColumnTypes as _};
use connector_postgres::pgoutput::Message;
use connector_postgres::types::{PgValue, TypeCatalog, TypeInfo, TypeKind, TypeOptions};
use connector_postgres::wire::{Connection, Mode};
use connector_postgres::{PostgresType, Settings};

fn hexadecimal(line: &str) -> Vec<u8> {
    let digits = line.as_bytes().chunks_exact(2);
    digits
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

/// What a server gave, with whether the messages are of transactions in pieces.
fn messages() -> Vec<Vec<u8>> {
    [
        include_str!("../src/pgoutput/fixtures/text.hex"),
        include_str!("../src/pgoutput/fixtures/binary.hex"),
        include_str!("../src/pgoutput/fixtures/streamed.hex"),
    ]
    .into_iter()
    .flat_map(str::lines)
    .map(|line| hexadecimal(line.trim()))
    .collect()
}

#[test]
fn a_message_of_logical_replication() {
    let tried = survives("pgoutput", messages(), |bytes| {
        for in_stream in [false, true] {
            match Message::decode(bytes, in_stream) {
                // Everything that is lent is looked at.
                Ok(message) => assert!(!format!("{message:?}").is_empty()),
                Err(error) => assert!(!error.to_string().is_empty()),
            }
        }
    });
    assert!(tried >= 2000, "{tried}");
}

/// Every type that is built in has a number below this one.
const BUILTIN: u32 = 6_200;

#[test]
fn a_value_of_every_type_in_both_forms() {
    let mut catalog = TypeCatalog::new(TypeOptions::default());
    let composite = vec![
        connector_postgres::types::TypeField {
            name: "a".to_owned(),
            oid: 1700,
            modifier: -1,
        },
        connector_postgres::types::TypeField {
            name: "b".to_owned(),
            oid: 1009,
            modifier: -1,
        },
    ];
    catalog.insert(TypeInfo {
        oid: 90_000,
        name: "pair".to_owned(),
        kind: TypeKind::Composite(composite),
    });
    let oids = (1..BUILTIN).chain([90_000]);
    let decoders: Vec<_> = oids
        .filter_map(|oid| catalog.resolve(oid, -1).ok())
        .collect();
    assert!(decoders.len() > 100, "{}", decoders.len());
    let mut seeds: Vec<Vec<u8>> = [
        "12345.678",
        "{1,NULL,\"a, b\"}",
        "{{1,2},{3,4}}",
        "(1,\"a \"\"b\"\"\",)",
        "[1,5)",
        "{[1,5),[8,9)}",
        "2024-02-29 23:59:59.999999+00",
        "P1Y2M3DT4H5M6.7S",
        "((0,1),(2,3))",
        "\\x00ff",
        "192.168.0.1/24",
        "\"a\"=>\"1\", \"b\"=>NULL",
        "123e4567-e89b-12d3-a456-426614174000",
        "$1,000.50",
        "NaN",
        "infinity",
    ]
    .map(|text| text.as_bytes().to_vec())
    .into();
    // A numeric, an array of two integers, a composite of one.
    seeds.extend(
        [
            "0003000000000002000104d2162e",
            "000000010000000000000017000000020000000100000004000000010000000400000002",
            "0000000100000017000000040000002a",
        ]
        .map(hexadecimal),
    );
    let tried = survives("a value", seeds, move |bytes| {
        for decoder in &decoders {
            for value in [PgValue::Text(bytes), PgValue::Binary(bytes)] {
                if matches!(value, PgValue::Binary(_)) && !decoder.has_binary_form() {
                    continue;
                }
                let mut column = Column::new(decoder.field_type());
                match decoder.append(value, &mut column) {
                    Ok(()) => assert_eq!(column.len(), 1),
                    Err(_) => assert_eq!(column.len(), 0),
                }
            }
        }
    });
    assert!(tried >= 2000, "{tried}");
}

#[test]
fn a_name_of_a_type() {
    let names = PostgresType::ENTRIES.iter().flat_map(|entry| entry.names);
    let seeds = names.map(|name| name.as_bytes().to_vec()).collect();
    survives("the name of a type", seeds, |bytes| {
        if let Some(typ) = std::str::from_utf8(bytes)
            .ok()
            .and_then(PostgresType::from_name)
        {
            let _ = typ.field_type();
        }
    });
}

#[test]
fn a_url() {
    let seeds = [
        "postgres://user:p%40ss@host:5432/db?sslmode=verify-full&connect_timeout=3",
        "postgresql://[::1]:1/a%20b?host=/tmp&application_name=x",
    ];
    let seeds = seeds.map(|text| text.as_bytes().to_vec()).into();
    survives("a URL", seeds, |bytes| {
        if let Ok(text) = std::str::from_utf8(bytes)
            && let Err(error) = Settings::from_url(text)
        {
            assert!(!error.to_string().contains("p%40ss"), "{error}");
        }
    });
}

/// A message of the server's.
fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).unwrap().to_be_bytes();
    [&[kind], length.as_slice(), body].concat()
}

/// What a server says to a login without a password and to a query.
fn conversation() -> Vec<u8> {
    [
        message(b'R', &[0, 0, 0, 0]),
        message(b'S', b"server_version\x0016.1\0"),
        message(b'S', b"client_encoding\0UTF8\0"),
        message(b'K', &[0, 0, 0, 1, 0, 0, 0, 2]),
        message(b'Z', b"I"),
        message(
            b'T',
            b"\0\x01a\0\0\0\0\0\0\0\0\0\0\x19\xff\xff\xff\xff\xff\xff\0\0",
        ),
        message(b'D', b"\0\x01\0\0\0\x03one"),
        message(b'N', b"SNOTICE\0C00000\0Mhello\0\0"),
        message(b'C', b"SELECT 1\0"),
        message(b'Z', b"I"),
    ]
    .concat()
}

#[test]
fn whatever_a_server_says() {
    let refused = message(b'E', b"SFATAL\0C28P01\0Mno\0\0");
    let scram = message(b'R', b"\0\0\0\x0aSCRAM-SHA-256\0\0");
    let seeds = vec![conversation(), refused, scram];
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    // Fewer than of others unless asked for: each is a connection.
    let tried = survives_some(300, "the wire", seeds, move |bytes| {
        let bytes = bytes.to_vec();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let (mut client, _) = listener.accept().unwrap();
                client
                    .set_read_timeout(Some(Duration::from_millis(20)))
                    .unwrap();
                let mut startup = [0; 512];
                // Whether it was sent at all does not matter.
                let _ = client.read(&mut startup);
                let _ = client.write_all(&bytes);
            });
            let url = format!("postgres://u:secret@127.0.0.1:{port}/d?sslmode=disable");
            let settings = Settings::from_url(&url).unwrap();
            let said = Connection::open(&settings, Mode::Query)
                .and_then(|mut connection| connection.query("SELECT 1"));
            if let Err(error) = said {
                let text = format!("{error} {error:?}");
                assert!(!text.contains("secret"), "{text}");
            }
        });
    });
    assert!(tried >= 300, "{tried}");
}
