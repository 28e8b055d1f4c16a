//! The JSON Schema of a configuration file, with the settings of every registered connector and sink.
//!
//! JSON Schema does not know YAML's tags: settings are described without them, each by its `title`.

use connector_core::config::Period;
use connector_core::registry::{Entry, Registry};
use connector_core::{ByteSize, ConfigPath, ConfigValue};
use serde_json::{Value, json};

pub(super) fn file_schema(registry: &Registry) -> Value {
    let connectors: Vec<Value> = registry.connectors().map(schema_of).collect();
    let sinks: Vec<Value> = registry.sinks().map(schema_of).collect();
    let path = |description: &str| described(ConfigPath::schema(), description);
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Configuration of an application",
        "type": "object",
        "properties": {
            "app_name": {
                "type": "string",
                "pattern": "^[A-Za-z][A-Za-z0-9_-]*$",
                "description": "The application's name: files, slots and tables are named after it.",
            },
            "connections": list_of_named("The systems that rows come from.", &connectors),
            "sources": {
                "type": "array",
                "description": "The tables that are read.",
                "items": source(),
            },
            "sinks": list_of_named("Where rows go.", &sinks),
            "lock": path("The lock file of the schemas; `dozer.lock` beside the configuration unless set."),
            "state": path("The directory for positions and rejected rows; `.dozer` beside the lock file unless set."),
            "retry": {
                "type": "object",
                "description": "How often what breaks off is tried again.",
                "properties": {
                    "first_wait": described(Period::schema(), "The wait after the first failure, doubled after each further one; `100ms` unless set."),
                    "longest_wait": described(Period::schema(), "No wait is longer; `30s` unless set."),
                    "give_up_after": described(Period::schema(), "What has failed for so long, and five times in a row, is given up; `5m` unless set."),
                    "max_attempts": { "type": "integer", "description": "What has failed so often in a row is given up; 1: nothing is tried again." },
                },
                "additionalProperties": false,
            },
            "on_failure": {
                "enum": ["continue", "stop"],
                "default": "continue",
                "description": "What happens to the other connections when one fails for good.",
            },
            "memory": described(ByteSize::schema(), "The bound on buffered rows, such as `64 MiB`."),
        },
        "required": ["app_name", "connections"],
        "additionalProperties": false,
    })
}

fn source() -> Value {
    json!({
        "type": "object",
        "properties": {
            "name": { "type": "string", "description": "What the rest of the application calls it." },
            "connection": { "type": "string", "description": "The connection: `!Ref` and its name." },
            "table_name": { "type": "string", "description": "The table's name in the external system." },
            "schema": {
                "type": "string",
                "description": "The table's schema in the external system, where it has schemas.",
            },
            "columns": {
                "type": "array",
                "items": { "type": "string" },
                "uniqueItems": true,
                "description": "The columns to read; all unless set.",
            },
            "on_misfit": {
                "enum": ["fail", "null", "reject"],
                "default": "fail",
                "description": "What happens to a value that does not fit its column.",
            },
            "schema_change": {
                "enum": ["evolve", "freeze", "ignore"],
                "description": "What happens when a column is added to the table, where all columns are read: it is taken on \
                                if it is nullable and has no default, the run stops, or it is passed over with a warning. \
                                Unless set, `freeze` where there is a lock file, else `ignore`.",
            },
        },
        "required": ["name", "connection", "table_name"],
        "additionalProperties": false,
    })
}

fn list_of_named(description: &str, settings: &[Value]) -> Value {
    json!({
        "type": "array",
        "description": description,
        "items": {
            "type": "object",
            "properties": {
                "name": { "type": "string", "description": "Its name; unique, ignoring case." },
                "config": { "anyOf": settings, "description": "Its settings, under the tag that names it." },
            },
            "required": ["name", "config"],
            "additionalProperties": false,
        },
    })
}

fn schema_of<T: ?Sized>(entry: &Entry<T>) -> Value {
    entry.json_schema.clone()
}

fn described(mut schema: Value, description: &str) -> Value {
    if let Value::Object(schema) = &mut schema {
        schema.insert("description".to_owned(), json!(description));
    }
    schema
}
