//! No input of core's parsers panics, hangs, or takes memory without bound.
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::path::Path;
use std::sync::Arc;

use connector_conformance::fuzz::survives;
use connector_core::pipeline::App;
use connector_core::registry::Registry;
use connector_core::sink::{Jsonl, Null, SinkTarget, StateFile};
use connector_core::{
    AppConfig, ByteSize, Checkpoint, Column, Date, Decimal, Duration, Field, FieldDefinition,
    FieldType, Point, Schema, SourceSchema, Time, Timestamp, Value,
};

fn bytes(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

const CONFIGURATIONS: [&str; 3] = [
    "app_name: flights\nmemory: 64 MiB\nconnections:\n  - name: nyc\n    config: !Sqlite\n      path: ${DATA}/a.db\nsources:\n  - name: flights\n    connection: !Ref nyc\n    table_name: flights\n    columns: [year, month, \"a b\"]\n    on_misfit: reject\nsinks:\n  - name: out\n    config: !Jsonl\n      path: out\n",
    "{app_name: x, connections: [{name: a, config: !Null {}}], sources: [], sinks: [{name: b, config: !Null}]}\n",
    "app_name: &a x\nconnections: []\nsources: []\nsinks:\n  - name: *a\n    config: !Jsonl { path: |\n        out\n      }\n",
];

#[test]
fn a_configuration() {
    let tried = survives("the configuration", bytes(&CONFIGURATIONS), |bytes| {
        let Ok(text) = std::str::from_utf8(bytes) else {
            return;
        };
        let config = AppConfig::parse(text, "dozer.yaml", ".", |name| {
            (name == "DATA").then(|| "x: [".to_owned())
        });
        let registry = Registry::new().sink::<Null>().sink::<Jsonl>();
        // What is wrong is said, with its place.
        if let Err(error) = config.and_then(|config| App::new(config, &registry)) {
            assert!(!error.to_string().is_empty());
        }
    });
    assert!(tried >= 2000, "{tried}");
}

#[test]
fn texts_of_values() {
    let texts = [
        "2024-02-29T23:59:59.999999999+05:30",
        "294276-12-31 23:59:59.999999Z",
        "2024-02-29",
        "-838:59:59.5",
        "P1DT2H3M4.5S",
        "-123456789012345678901234567890.123456789",
        "1e-30",
        "(1.5,-2e300)",
        "64 MiB",
        "Decimal(76, 38)",
        "Timestamp(ns)",
        "{\"a\": [1, null, \"\\u0000\"]}",
        "123e4567-e89b-12d3-a456-426614174000",
        "\\x00ff",
        "true",
        "18446744073709551616",
        "NaN",
    ];
    let tried = survives("a value", bytes(&texts), |bytes| {
        let mut column_of_bytes = Column::new(FieldType::Text);
        let _ = column_of_bytes.push(Value::Bytes(bytes));
        let Ok(text) = std::str::from_utf8(bytes) else {
            return;
        };
        let _ = text.parse::<Timestamp>();
        let _ = text.parse::<Date>();
        let _ = text.parse::<Time>();
        let _ = text.parse::<Duration>();
        let _ = text.parse::<Decimal>();
        let _ = text.parse::<Point>();
        let _ = text.parse::<ByteSize>();
        if let Ok(typ) = text.parse::<FieldType>() {
            assert_eq!(typ.to_string().parse(), Ok(typ));
        }
        for typ in FieldType::ALL {
            let mut column = Column::new(typ);
            for value in [
                Value::Text(text),
                Value::Json(text),
                Value::DecimalText(text),
            ] {
                let rows = column.len();
                match column.push(value) {
                    Ok(()) => assert_eq!(column.len(), rows + 1),
                    Err(misfit) => {
                        assert_eq!(column.len(), rows);
                        assert!(!misfit.to_string().is_empty());
                    }
                }
            }
        }
    });
    assert!(tried >= 2000, "{tried}");
}

fn schema() -> SourceSchema {
    let field = |name: &str, typ| FieldDefinition {
        name: name.to_owned(),
        typ,
        nullable: true,
        external_type: Some("TEXT".to_owned()),
        description: None,
        number: None,
    };
    SourceSchema {
        name: "t".to_owned(),
        namespace: None,
        table_name: "t".to_owned(),
        schema: Schema {
            fields: vec![field("a", FieldType::Int), field("b", FieldType::DECIMAL)],
            primary_index: vec![0],
        },
        replication_type: connector_core::ReplicationChangesTrackingType::OnlyPK,
        description: None,
    }
}

#[test]
fn a_state_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("state.json");
    let target = SinkTarget {
        app: "a".to_owned(),
        connection: "c".to_owned(),
        schemas: vec![Arc::new(schema())],
        widened: Vec::new(),
    };
    let file = StateFile::new(&path, &target);
    let mut checkpoint = Checkpoint::within(7, 3);
    checkpoint.state = "0/16B3748".to_owned();
    checkpoint.selection.insert("t".to_owned(), u64::MAX);
    file.write(&checkpoint).unwrap();
    let seed = std::fs::read(&path).unwrap();
    survives("a state file", vec![seed], move |bytes| {
        let _whole = &directory;
        std::fs::write(&path, bytes).unwrap();
        // It is read as what it was, or refused: never taken for none.
        assert!(!matches!(file.read::<Checkpoint>(), Ok(None)));
    });
}

#[test]
fn a_lock_file() {
    let directory = tempfile::tempdir().unwrap();
    let app = application(directory.path());
    let lock = app.lock_file();
    lock.write(&[schema()]).unwrap();
    let (path, seed) = (lock.path().to_owned(), std::fs::read(lock.path()).unwrap());
    survives("a lock file", vec![seed], move |bytes| {
        let _whole = &directory;
        std::fs::write(&path, bytes).unwrap();
        assert!(!matches!(lock.drift(&[schema()]), Ok(None)));
    });
}

fn application(directory: &Path) -> App {
    let text = "app_name: a\nconnections: []\nsources: []\nsinks: []\n";
    let config = AppConfig::parse(text, "dozer.yaml", directory, |_| None).unwrap();
    App::new(config, &Registry::new()).unwrap()
}

#[test]
fn a_field_that_is_printed() {
    let seeds = bytes(&["text", "æøå 🦀", "\u{0}\u{7f}\u{202e}"]);
    survives("a preview", seeds, |bytes| {
        let shown = Value::Bytes(bytes).preview();
        assert!(shown.chars().count() < 60, "{shown}");
        let text = String::from_utf8_lossy(bytes).into_owned();
        let shown = Field::Text(text).as_value().preview();
        assert!(shown.chars().count() < 60, "{shown}");
    });
}
