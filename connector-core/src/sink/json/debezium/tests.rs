//! Events, read by structures written after Debezium's documentation alone.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::{Debezium, Envelopes};
use crate::columns::{Column, RowOp, TableBatch};
use crate::sink::SinkTarget;
use crate::types::{
    DecimalSize, FieldDefinition, FieldType, ReplicationChangesTrackingType as Tracking, Schema,
    SourceSchema, TimeUnit,
};
use crate::value::{Date, Duration, Point, Timestamp, Value};

/// A change event as Debezium documents it; other fields are refused.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ChangeEvent {
    before: Option<Json>,
    after: Option<Json>,
    source: SourceBlock,
    #[serde(rename = "transaction")]
    _transaction: Option<Json>,
    op: String,
    ts_ms: i64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct SourceBlock {
    version: String,
    connector: String,
    name: String,
    #[serde(rename = "ts_ms")]
    ts_ms: i64,
    snapshot: String,
    db: String,
    schema: Option<String>,
    table: String,
    sequence: Option<String>,
    tx_id: Option<i64>,
    lsn: Option<i64>,
    seq: Option<i64>,
}

/// A message of a topic: what a consumer of Kafka gets.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Message {
    key: Option<Json>,
    value: Option<Json>,
}

fn field(name: &str, typ: FieldType, nullable: bool, external: Option<&str>) -> FieldDefinition {
    FieldDefinition {
        name: name.to_owned(),
        typ,
        nullable,
        external_type: external.map(str::to_owned),
        description: None,
        number: None,
    }
}

fn source(fields: Vec<FieldDefinition>, tracking: Tracking) -> Arc<SourceSchema> {
    Arc::new(SourceSchema {
        name: "people".to_owned(),
        namespace: Some("public".to_owned()),
        table_name: "user accounts".to_owned(),
        schema: Schema {
            fields,
            primary_index: vec![0],
        },
        replication_type: tracking,
        description: None,
    })
}

fn users(tracking: Tracking) -> Arc<SourceSchema> {
    let fields = vec![
        field("id", FieldType::Int, false, None),
        field("name", FieldType::Text, true, None),
    ];
    source(fields, tracking)
}

fn envelopes(options: Debezium, schema: &Arc<SourceSchema>) -> Envelopes {
    let target = SinkTarget {
        app: "shop-app".to_owned(),
        connection: "main".to_owned(),
        schemas: vec![Arc::clone(schema)],
        widened: Vec::new(),
    };
    Envelopes::new(options, &target, schema)
}

fn batch(schema: &Arc<SourceSchema>, rows: &[(RowOp, u64, Vec<Value<'_>>)]) -> TableBatch {
    let fields = &schema.schema.fields;
    let mut columns: Vec<Column> = fields.iter().map(|field| Column::new(field.typ)).collect();
    for (_, _, values) in rows {
        for (column, value) in columns.iter_mut().zip(values) {
            match value {
                Value::Null => column.push_null(),
                Value::Unchanged => column.push_unchanged(),
                value => column.push(*value).unwrap(),
            }
        }
    }
    TableBatch {
        table: 0,
        schema: Arc::clone(schema),
        ops: rows.iter().map(|(op, ..)| *op).collect(),
        lsn: rows.iter().map(|(_, lsn, _)| *lsn).collect(),
        seq: vec![1; rows.len()],
        columns,
    }
}

fn written(envelopes: &Envelopes, batch: &TableBatch, snapshot: bool) -> Vec<Json> {
    let mut out = Vec::new();
    envelopes.batch(&mut out, batch, snapshot).unwrap();
    lines(&out)
}

fn lines(out: &[u8]) -> Vec<Json> {
    let text = std::str::from_utf8(out).unwrap();
    assert!(text.is_empty() || text.ends_with('\n'));
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn event(line: Json) -> ChangeEvent {
    serde_json::from_value(line).unwrap()
}

/// A history of one table with a snapshot, every kind of change, and a change of a key.
fn history(schema: &Arc<SourceSchema>) -> (TableBatch, TableBatch) {
    let row = |id, name| vec![Value::Int(id), name];
    let text = Value::Text;
    let only_key = schema.replication_type == Tracking::OnlyPK;
    let old = |id, name| row(id, if only_key { Value::Unchanged } else { name });
    let snapshot = batch(
        schema,
        &[
            (RowOp::Insert, 5, row(1, text("ada"))),
            (RowOp::Insert, 5, row(2, text("bob"))),
            (RowOp::Insert, 5, row(3, Value::Null)),
        ],
    );
    let changes = batch(
        schema,
        &[
            (RowOp::Insert, 6, row(4, text("dan"))),
            (RowOp::UpdateBefore, 7, old(2, text("bob"))),
            (RowOp::UpdateAfter, 7, row(2, text("Bob"))),
            (RowOp::Delete, 8, old(1, text("ada"))),
            (RowOp::UpdateBefore, 9, old(4, text("dan"))),
            (RowOp::UpdateAfter, 9, row(40, text("dan"))),
        ],
    );
    (snapshot, changes)
}

#[test]
fn a_consumer_of_values_rebuilds_the_table() {
    let schema = users(Tracking::FullChanges);
    let envelopes = envelopes(Debezium::default(), &schema);
    let (snapshot, changes) = history(&schema);
    let read = written(&envelopes, &snapshot, true);
    let followed = written(&envelopes, &changes, false);
    let mut table = BTreeMap::new();
    let mut ops = Vec::new();
    for line in read.into_iter().chain(followed) {
        let event = event(line);
        ops.push(event.op.clone());
        let id = |row: &Json| row["id"].as_i64().unwrap();
        match event.op.as_str() {
            "r" | "c" | "u" => {
                let after = event.after.unwrap();
                if event.op == "u" {
                    let before = event.before.unwrap();
                    assert_eq!(table.get(&id(&before)), Some(&before), "the row as it was");
                }
                table.insert(id(&after), after);
            }
            "d" => {
                let before = event.before.unwrap();
                assert_eq!(
                    table.remove(&id(&before)),
                    Some(before),
                    "the row as it was"
                );
                assert_eq!(event.after, None);
            }
            other => panic!("an event of kind {other}"),
        }
    }
    assert_eq!(ops, ["r", "r", "r", "c", "u", "d", "d", "c"]);
    let rows: Vec<Json> = table.into_values().collect();
    assert_eq!(
        rows,
        [
            json!({ "id": 2, "name": "Bob" }),
            json!({ "id": 3, "name": null }),
            json!({ "id": 40, "name": "dan" }),
        ]
    );
}

#[test]
fn a_consumer_of_keys_and_tombstones_rebuilds_the_table_where_old_rows_are_keys() {
    let schema = users(Tracking::OnlyPK);
    let options = Debezium {
        keys: true,
        tombstones: true,
        ..Debezium::default()
    };
    let envelopes = envelopes(options, &schema);
    let (snapshot, changes) = history(&schema);
    let read = written(&envelopes, &snapshot, true);
    let followed = written(&envelopes, &changes, false);
    // As a compacted topic holds it: the last value of each key, and nothing for a tombstone.
    let mut topic = BTreeMap::new();
    let mut tombstones = 0;
    for line in read.into_iter().chain(followed) {
        let Message { key, value } = serde_json::from_value(line).unwrap();
        let key = key.unwrap();
        let Some(value) = value else {
            tombstones += 1;
            assert_eq!(topic.remove(&key.to_string()), Some(None), "after a delete");
            continue;
        };
        let event = event(value);
        if event.op == "d" {
            let id = key["id"].clone();
            assert_eq!(event.before, Some(json!({ "id": id, "name": null })));
        }
        if event.op == "u" {
            assert_eq!(event.before, None, "the key alone is no row");
        }
        topic.insert(key.to_string(), event.after);
    }
    assert_eq!(tombstones, 2);
    let rows: Vec<Json> = topic.into_values().flatten().collect();
    assert_eq!(
        rows,
        [
            json!({ "id": 2, "name": "Bob" }),
            json!({ "id": 3, "name": null }),
            json!({ "id": 40, "name": "dan" }),
        ]
    );
}

#[test]
fn the_source_block_says_where_an_event_comes_from() {
    let schema = users(Tracking::FullChanges);
    let envelopes = envelopes(Debezium::default(), &schema);
    let (snapshot, changes) = history(&schema);
    let first = event(written(&envelopes, &snapshot, true).remove(0));
    let last = event(written(&envelopes, &changes, false).pop().unwrap());
    let SourceBlock { version, .. } = &first.source;
    assert_eq!(version, env!("CARGO_PKG_VERSION"));
    assert_eq!(
        (first.source.connector.as_str(), first.source.name.as_str()),
        ("dozer", "shop-app")
    );
    assert_eq!(
        (first.source.db.as_str(), first.source.schema.as_deref()),
        ("main", Some("public"))
    );
    assert_eq!(first.source.table, "user accounts");
    assert_eq!(
        (
            first.source.snapshot.as_str(),
            last.source.snapshot.as_str()
        ),
        ("true", "false")
    );
    assert_eq!(
        (last.source.lsn, last.source.seq, last.source.tx_id),
        (Some(9), Some(1), Some(9))
    );
    assert_eq!(last.source.sequence.as_deref(), Some("[\"9\",\"1\"]"));
    // Milliseconds of this century.
    assert!(last.ts_ms > 1_700_000_000_000 && last.ts_ms == last.source.ts_ms);

    let mut out = Vec::new();
    envelopes.truncate(&mut out, 12, 3);
    let truncated = event(lines(&out).remove(0));
    assert_eq!(truncated.op, "t");
    assert_eq!((truncated.before, truncated.after), (None, None));
    assert_eq!(
        (truncated.source.lsn, truncated.source.seq),
        (Some(12), Some(3))
    );
}

/// Checks a payload against a schema of Kafka Connect, as its JSON converter reads them.
fn conforms(payload: &Json, schema: &Json, place: &str) {
    if payload.is_null() {
        assert_eq!(schema["optional"], true, "{place} is null");
        return;
    }
    match schema["type"].as_str().unwrap() {
        "struct" => {
            let fields = schema["fields"].as_array().unwrap();
            let names: Vec<&str> = (fields.iter())
                .map(|field| field["field"].as_str().unwrap())
                .collect();
            for name in payload.as_object().unwrap().keys() {
                assert!(
                    names.contains(&name.as_str()),
                    "{place}.{name} is not declared"
                );
            }
            for field in fields {
                let name = field["field"].as_str().unwrap();
                conforms(&payload[name], field, &format!("{place}.{name}"));
            }
        }
        "int64" => assert!(payload.is_i64(), "{place}"),
        "int32" => assert!(i32::try_from(payload.as_i64().unwrap()).is_ok(), "{place}"),
        "int8" => assert!(i8::try_from(payload.as_i64().unwrap()).is_ok(), "{place}"),
        "double" => assert!(payload.is_number(), "{place}"),
        "boolean" => assert!(payload.is_boolean(), "{place}"),
        "string" | "bytes" => assert!(payload.is_string(), "{place}"),
        other => panic!("{place}: {other} is no type of Kafka Connect"),
    }
}

/// A column with a value, how it is written and its semantic type.
type Written = (FieldDefinition, Value<'static>, Json, Option<&'static str>);

/// One column of each type.
fn every_type() -> Vec<Written> {
    let mut all = plain_types();
    all.extend(semantic_types());
    all
}

fn column(
    name: &str,
    typ: FieldType,
    value: Value<'static>,
    json: Json,
    semantic: Option<&'static str>,
) -> Written {
    (field(name, typ, true, None), value, json, semantic)
}

fn plain_types() -> Vec<Written> {
    let decimal = FieldType::Decimal(DecimalSize::new(5, 2));
    vec![
        column("uint", FieldType::UInt, Value::UInt(7), json!(7), None),
        column(
            "wide",
            FieldType::I128,
            Value::I128(i128::MIN),
            json!("-170141183460469231731687303715884105728"),
            None,
        ),
        column("tiny", FieldType::Int8, Value::Int(-8), json!(-8), None),
        column(
            "float",
            FieldType::Float,
            Value::Float(0.5),
            json!(0.5),
            None,
        ),
        column(
            "yes",
            FieldType::Boolean,
            Value::Bool(true),
            json!(true),
            None,
        ),
        column("text", FieldType::Text, Value::Text("é"), json!("é"), None),
        column(
            "bytes",
            FieldType::Binary,
            Value::Bytes(b"\x00\xff"),
            json!("AP8="),
            None,
        ),
        column(
            "price",
            decimal,
            Value::Decimal("1.20".parse().unwrap()),
            json!("1.20"),
            None,
        ),
    ]
}

fn semantic_types() -> Vec<Written> {
    let at = Timestamp::new(1_500_000_000, 123_456_789).unwrap();
    let micro = Timestamp::new(1_500_000_000, 123_456_000).unwrap();
    let zoned = field(
        "zoned",
        FieldType::TIMESTAMP,
        true,
        Some("timestamp with time zone"),
    );
    let time = field("time", FieldType::DURATION, true, Some("time"));
    vec![
        column(
            "millis",
            FieldType::Timestamp(TimeUnit::Second),
            Value::Timestamp(Timestamp::new(1_500_000_000, 0).unwrap()),
            json!(1_500_000_000_000_i64),
            Some("io.debezium.time.Timestamp"),
        ),
        column(
            "micros",
            FieldType::TIMESTAMP,
            Value::Timestamp(micro),
            json!(1_500_000_000_123_456_i64),
            Some("io.debezium.time.MicroTimestamp"),
        ),
        column(
            "nanos",
            FieldType::Timestamp(TimeUnit::Nano),
            Value::Timestamp(at),
            json!(1_500_000_000_123_456_789_i64),
            Some("io.debezium.time.NanoTimestamp"),
        ),
        (
            zoned,
            Value::Timestamp(micro),
            json!("2017-07-14T02:40:00.123456Z"),
            Some("io.debezium.time.ZonedTimestamp"),
        ),
        column(
            "day",
            FieldType::Date,
            Value::Date(Date::from_days(17_000)),
            json!(17_000),
            Some("io.debezium.time.Date"),
        ),
        (
            time,
            Value::Duration(Duration::new(3_600, 0).unwrap()),
            json!(3_600_000_000_i64),
            Some("io.debezium.time.MicroTime"),
        ),
        column(
            "span",
            FieldType::Duration(TimeUnit::Nano),
            Value::Duration(Duration::new(-1, 0).unwrap()),
            json!(-1_000_000_000_i64),
            Some("io.debezium.time.NanoDuration"),
        ),
        column(
            "json",
            FieldType::Json,
            Value::Json("{\"a\": [1]}"),
            json!("{\"a\": [1]}"),
            Some("io.debezium.data.Json"),
        ),
        column(
            "point",
            FieldType::Point,
            Value::Point(Point::new(1.0, 2.0)),
            json!({ "x": 1.0, "y": 2.0, "wkb": "AQEAAAAAAAAAAADwPwAAAAAAAABA", "srid": null }),
            Some("io.debezium.data.geometry.Point"),
        ),
    ]
}

#[test]
fn every_type_is_written_as_the_semantic_type_that_its_schema_names() {
    let mut fields = vec![field("id", FieldType::Int, false, None)];
    let mut values = vec![Value::Int(1)];
    for (definition, value, ..) in every_type() {
        fields.push(definition);
        values.push(value);
    }
    let schema = source(fields, Tracking::FullChanges);
    let options = Debezium {
        keys: true,
        schemas: true,
        tombstones: false,
    };
    let envelopes = envelopes(options, &schema);
    let batch = batch(
        &schema,
        &[
            (RowOp::Insert, 1, values.clone()),
            (RowOp::Delete, 2, values),
        ],
    );
    for line in written(&envelopes, &batch, false) {
        let (key, value) = (&line["key"], &line["value"]);
        conforms(&key["payload"], &key["schema"], "key");
        conforms(&value["payload"], &value["schema"], "value");
        assert_eq!(key["payload"], json!({ "id": 1 }));
        assert_eq!(
            value["schema"]["name"],
            "shop_app.public.user_accounts.Envelope"
        );
        assert_eq!(key["schema"]["name"], "shop_app.public.user_accounts.Key");
        let image = usize::from(value["payload"]["op"] != "d");
        let place = ["before", "after"][image];
        let declared = value["schema"]["fields"][image]["fields"]
            .as_array()
            .unwrap();
        for ((definition, _, json, semantic), declared) in
            every_type().into_iter().zip(declared.iter().skip(1))
        {
            let name = definition.name.as_str();
            assert_eq!(value["payload"][place][name], json, "{name}");
            assert_eq!(declared["field"], name);
            assert_eq!(declared["name"].as_str(), semantic, "{name}");
        }
    }
}

#[test]
fn what_was_not_sent_is_the_placeholder_that_debezium_writes() {
    let fields = vec![
        field("id", FieldType::Int, false, None),
        field("body", FieldType::Text, true, None),
        field("blob", FieldType::Binary, true, None),
        field("size", FieldType::Int, true, None),
    ];
    let schema = source(fields, Tracking::OnlyPK);
    let envelopes = envelopes(Debezium::default(), &schema);
    let old = vec![
        Value::Int(1),
        Value::Unchanged,
        Value::Unchanged,
        Value::Unchanged,
    ];
    let new = |size| vec![Value::Int(1), Value::Unchanged, Value::Unchanged, size];
    let changes = batch(
        &schema,
        &[
            (RowOp::UpdateBefore, 1, old.clone()),
            (RowOp::UpdateAfter, 1, new(Value::Int(3))),
        ],
    );
    let after = event(written(&envelopes, &changes, false).remove(0))
        .after
        .unwrap();
    assert_eq!(
        after,
        json!({
            "id": 1,
            "body": "__debezium_unavailable_value",
            "blob": "X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ==",
            "size": 3,
        })
    );
    let without_place = batch(
        &schema,
        &[
            (RowOp::UpdateBefore, 4, old),
            (RowOp::UpdateAfter, 4, new(Value::Unchanged)),
        ],
    );
    let error = envelopes
        .batch(&mut Vec::new(), &without_place, false)
        .unwrap_err();
    let text = error.to_string();
    assert!(
        text.starts_with("table `user accounts`, column `size` at position (4, 1): a value of Debezium's `int64` was not sent"),
        "{text}"
    );
}
