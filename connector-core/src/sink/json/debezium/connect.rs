//! The schemas of keys and values, as Kafka Connect's JSON converter writes them.

use serde_json::{Value, json};

use super::EventField;
use super::form::Form;

/// Both schemas, as JSON.
#[derive(Debug)]
pub(super) struct Schemas {
    pub(super) key: Vec<u8>,
    pub(super) value: Vec<u8>,
}

impl Schemas {
    /// `prefix` is what the names of the types begin with: server, schema, table.
    pub(super) fn new(prefix: &[&str], fields: &[EventField], key: &[usize]) -> Self {
        let prefix: Vec<String> = prefix.iter().map(|name| type_name(name)).collect();
        let prefix = prefix.join(".");
        let key: Vec<Value> = (key.iter())
            .filter_map(|&place| fields.get(place))
            .map(|field| of_field(field, false))
            .collect();
        let key = json!({
            "type": "struct", "fields": key, "optional": false, "name": format!("{prefix}.Key"),
        });
        let row = |name: &str| {
            let fields: Vec<Value> = (fields.iter())
                .map(|field| of_field(field, field.optional))
                .collect();
            json!({
                "type": "struct", "fields": fields, "optional": true,
                "name": format!("{prefix}.Value"), "field": name,
            })
        };
        let value = json!({
            "type": "struct",
            "fields": [
                row("before"),
                row("after"),
                source(),
                transaction(),
                plain("string", false, "op"),
                plain("int64", true, "ts_ms"),
            ],
            "optional": false,
            "name": format!("{prefix}.Envelope"),
            "version": 1,
        });
        Self {
            key: key.to_string().into_bytes(),
            value: value.to_string().into_bytes(),
        }
    }
}

fn of_field(field: &EventField, optional: bool) -> Value {
    let (connect, semantic) = field.form.connect();
    let mut schema = plain(connect, optional, &field.name);
    if let (Value::Object(schema), Some(semantic)) = (&mut schema, semantic) {
        schema.insert("name".to_owned(), json!(semantic));
        schema.insert("version".to_owned(), json!(1));
        if field.form == Form::Point {
            let parts = [
                plain("double", false, "x"),
                plain("double", false, "y"),
                plain("bytes", true, "wkb"),
                plain("int32", true, "srid"),
            ];
            schema.insert("fields".to_owned(), json!(parts));
        }
    }
    schema
}

fn plain(connect: &str, optional: bool, name: &str) -> Value {
    json!({ "type": connect, "optional": optional, "field": name })
}

fn source() -> Value {
    let fields = [
        plain("string", false, "version"),
        plain("string", false, "connector"),
        plain("string", false, "name"),
        plain("int64", false, "ts_ms"),
        json!({
            "type": "string", "optional": true, "name": "io.debezium.data.Enum", "version": 1,
            "parameters": { "allowed": "true,first,first_in_data_collection,last_in_data_collection,last,false,incremental" },
            "default": "false", "field": "snapshot",
        }),
        plain("string", false, "db"),
        plain("string", true, "schema"),
        plain("string", false, "table"),
        plain("string", true, "sequence"),
        plain("int64", true, "txId"),
        plain("int64", true, "lsn"),
        plain("int64", true, "seq"),
    ];
    json!({
        "type": "struct", "fields": fields, "optional": false,
        "name": "io.debezium.connector.dozer.Source", "field": "source",
    })
}

fn transaction() -> Value {
    let fields = [
        plain("string", false, "id"),
        plain("int64", false, "total_order"),
        plain("int64", false, "data_collection_order"),
    ];
    json!({
        "type": "struct", "fields": fields, "optional": true,
        "name": "event.block", "version": 1, "field": "transaction",
    })
}

/// A name that may stand in the name of a type: what is no letter, digit or `_` becomes `_`.
fn type_name(name: &str) -> String {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let mut fitted: String = (name.chars())
        .map(|letter| if fits(letter) { letter } else { '_' })
        .collect();
    if fitted.starts_with(|first: char| first.is_ascii_digit()) {
        fitted.insert(0, '_');
    }
    fitted
}
