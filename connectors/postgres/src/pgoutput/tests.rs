//! Messages that a server sent, and everything else that could come.
//!
//! The fixtures are what `pg_logical_slot_get_binary_changes` of Postgres 15 gave, one message a line in hexadecimal.

use proptest::prelude::*;

use super::*;
use crate::types::PgValue;

const TEXT: &str = include_str!("fixtures/text.hex");
const BINARY: &str = include_str!("fixtures/binary.hex");
const STREAMED: &str = include_str!("fixtures/streamed.hex");

fn messages(fixture: &str) -> Vec<Vec<u8>> {
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    let line = |line: &str| line.as_bytes().chunks(2).map(byte).collect();
    fixture.lines().map(line).collect()
}

/// A message in a few words, without what differs from run to run.
fn told(message: &Message<'_>) -> String {
    let row = |tuple: &Tuple<'_>| {
        let values: Vec<_> = tuple.values().map(PgValue::preview).collect();
        assert_eq!(values.len(), tuple.len());
        values.join(", ")
    };
    let old = |old: &Old<'_>| match old {
        Old::Key(tuple) => format!("key {}", row(tuple)),
        Old::Row(tuple) => format!("row {}", row(tuple)),
    };
    match message {
        Message::Begin { .. } => "begin".to_owned(),
        Message::Commit {
            commit_lsn,
            end_lsn,
            time,
        } => {
            assert!(end_lsn > commit_lsn && time.to_string().starts_with("2026-"));
            "commit".to_owned()
        }
        Message::Relation { xid, relation } => {
            let columns = relation.columns().map(|column| {
                let key = if column.is_key { "*" } else { "" };
                // The enum's number is the database's own.
                let oid = column.type_oid.min(16_384);
                format!("{}{key} {oid} {}", column.name, column.modifier)
            });
            let columns: Vec<_> = columns.collect();
            format!(
                "relation {}.{} {:?} ({}){}",
                relation.schema,
                relation.name,
                relation.identity,
                columns.join(", "),
                in_stream(*xid)
            )
        }
        Message::Type { schema, name, .. } => format!("type {schema}.{name}"),
        Message::Insert { xid, new, .. } => format!("insert {}{}", row(new), in_stream(*xid)),
        Message::Update { old: None, new, .. } => format!("update to {}", row(new)),
        Message::Update {
            old: Some(before),
            new,
            ..
        } => format!("update {} to {}", old(before), row(new)),
        Message::Delete { old: before, .. } => format!("delete {}", old(before)),
        Message::Truncate { options, .. } => format!(
            "truncate {} cascade {} restart {}",
            message.truncated().len(),
            options.cascade,
            options.restart_identity
        ),
        Message::Logical {
            transactional,
            prefix,
            content,
            ..
        } => format!(
            "message {transactional} {prefix} {}",
            String::from_utf8_lossy(content)
        ),
        Message::Origin { name, .. } => format!("origin {name}"),
        Message::StreamStart { first, .. } => format!("stream start {first}"),
        Message::StreamStop => "stream stop".to_owned(),
        Message::StreamCommit { .. } => "stream commit".to_owned(),
        Message::StreamAbort {
            xid,
            subtransaction,
        } => format!("stream abort of a part {}", xid != subtransaction),
    }
}

fn in_stream(xid: Option<u32>) -> &'static str {
    if xid.is_some() { " in a stream" } else { "" }
}

fn all_told(fixture: &str) -> Vec<String> {
    let mut in_stream = false;
    let tell = |message: &Vec<u8>| {
        let decoded = Message::decode(message, in_stream).unwrap();
        match decoded {
            Message::StreamStart { .. } => in_stream = true,
            Message::StreamStop => in_stream = false,
            _ => {}
        }
        told(&decoded)
    };
    messages(fixture).iter().map(tell).collect()
}

#[test]
fn recorded_transactions_are_read_as_they_were_written() {
    let told = all_told(TEXT);
    assert_eq!(
        told[..9],
        [
            "begin",
            "type public.mood",
            "relation public.stations Default (id* 23 -1, name 25 -1, mood 16384 -1)",
            "insert \"1\", \"Østre\", null",
            "insert \"2\", \"xxxxxxxxxx\", \"ok\"",
            "update key \"2\", null, null to \"3\", \"xxxxxxxxxx\", \"ok\"",
            "update to \"1\", \"n\", null",
            "delete key \"3\", null, null",
            "commit",
        ]
    );
    assert_eq!(
        told[9..15],
        [
            "begin",
            "relation public.readings Full (station* 23 -1, value* 1700 655366, note* 25 -1)",
            "insert \"1\", \"1.50\", \"long\"",
            "update row \"1\", \"1.50\", \"long\" to \"1\", \"-2.00\", \"long\"",
            "delete row \"1\", \"-2.00\", \"long\"",
            "commit",
        ]
    );
    assert_eq!(told[16], "message true dozer hello");
    assert!(told.contains(&"truncate 2 cascade true restart true".to_owned()));
    assert_eq!(
        told[told.len() - 2],
        "update to \"1\", \"7.00\", unchanged",
        "a value that is stored out of line and did not change is not sent"
    );
}

#[test]
fn the_binary_form_has_the_same_messages() {
    let (text, binary) = (all_told(TEXT), all_told(BINARY));
    assert_eq!(text.len(), binary.len());
    assert_eq!(binary[3], "insert 0x00000001, 0xc39873747265, null");
    assert_eq!(binary.last(), text.last());
}

#[test]
fn parts_of_an_open_transaction_name_it() {
    let told = all_told(STREAMED);
    assert_eq!(told[0], "stream start true");
    assert_eq!(
        told[1],
        "relation public.many Default (id* 23 -1, t 25 -1) in a stream"
    );
    assert!(told[2].starts_with("insert \"1\", \"yyy") && told[2].ends_with(" in a stream"));
    assert!(told.contains(&"stream start false".to_owned()));
    assert!(told.contains(&"stream abort of a part true".to_owned()));
    assert_eq!(told.last().unwrap(), "stream commit");
}

#[test]
fn an_origin_is_read() {
    let message = [b"O".as_slice(), &7_u64.to_be_bytes(), b"north\0"].concat();
    let decoded = Message::decode(&message, false).unwrap();
    assert_eq!(
        decoded,
        Message::Origin {
            lsn: 7,
            name: "north"
        }
    );
}

#[test]
fn an_error_says_what_was_expected_and_where() {
    for (message, said) in [
        (
            b"".as_slice(),
            "a replication message has no kind at byte 0",
        ),
        (
            b"?",
            "a replication message of the kind `?` has no known kind at byte 0",
        ),
        (
            b"B\0",
            "a replication message of the kind `B` has no commit position at byte 1",
        ),
        (
            b"I\0\0\0\x01X",
            "a replication message of the kind `I` has no new row at byte 5",
        ),
        (
            b"I\0\0\0\x01N\0\x01t\0\0\0\x05abc",
            "a replication message of the kind `I` has no value at byte 13",
        ),
        (
            b"EE",
            "a replication message of the kind `E` has no end at byte 1",
        ),
    ] {
        let error = Message::decode(message, false).unwrap_err();
        assert_eq!(error.to_string(), said);
    }
}

/// Reads everything that a message lends.
fn read_all(message: &[u8], in_stream: bool) {
    if let Ok(decoded) = Message::decode(message, in_stream) {
        let rows = match decoded {
            Message::Insert { new, .. } => vec![new],
            Message::Update { old, new, .. } => {
                old.map(tuple_of).into_iter().chain([new]).collect()
            }
            Message::Delete { old, .. } => vec![tuple_of(old)],
            Message::Relation { relation, .. } => {
                assert_eq!(relation.columns().count(), relation.columns().len());
                vec![]
            }
            _ => vec![],
        };
        for row in rows {
            assert_eq!(row.values().count(), row.len());
        }
        assert!(decoded.truncated().count() <= message.len());
    }
}

fn tuple_of(old: Old<'_>) -> Tuple<'_> {
    match old {
        Old::Key(tuple) | Old::Row(tuple) => tuple,
    }
}

#[test]
fn every_beginning_of_a_recorded_message_is_refused() {
    for fixture in [TEXT, BINARY] {
        for message in messages(fixture) {
            for end in 0..message.len() {
                assert!(Message::decode(&message[..end], false).is_err());
            }
        }
    }
}

proptest! {
    #[test]
    fn any_bytes_are_a_message_or_an_error(
        bytes in prop::collection::vec(any::<u8>(), 0..80),
        kind in prop::sample::select(b"BCORYIUDTMSEcA".to_vec()),
        in_stream: bool,
    ) {
        read_all(&bytes, in_stream);
        read_all(&[&[kind], bytes.as_slice()].concat(), in_stream);
    }

    #[test]
    fn a_recorded_message_with_other_bytes_in_it_is_a_message_or_an_error(
        fixture in prop::sample::select(vec![TEXT, BINARY, STREAMED]),
        which: prop::sample::Index,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        in_stream: bool,
    ) {
        let messages = messages(fixture);
        let mut message = which.get(&messages).clone();
        for (place, byte) in changes {
            let place = place.index(message.len());
            message[place] = byte;
        }
        read_all(&message, in_stream);
    }
}
