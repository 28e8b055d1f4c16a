//! `!Sqlite`.

use std::any::Any;

use serde_json::Value;

use super::{Sink, sum_is_whole};
use crate::look::look;
use crate::source::Table;
use crate::support::{Bag, Place, Writer, bag, json_rows};

#[derive(Debug)]
pub(crate) struct SqliteFile;

impl Sink for SqliteFile {
    fn name(&self) -> &'static str {
        "!Sqlite"
    }

    fn configuration(&self) -> String {
        "  - { name: copy, config: !Sqlite { path: copy.db } }\n".to_owned()
    }

    fn failpoints(&self) -> &'static [&'static str] {
        &["sqlite_sink."]
    }

    fn stores_at(&self) -> &'static str {
        "sqlite_sink.commit.before"
    }

    fn checkpoint(&self, place: &Place) -> Option<Value> {
        let stored = "SELECT checkpoint FROM _dozer_sink";
        let text = look(&place.file("copy.db"), stored)?;
        serde_json::from_str(&text).ok()
    }

    fn rows(&self, place: &Place, table: &Table) -> Bag {
        let sql = format!("SELECT * FROM {}", table.name);
        bag(json_rows(&place.file("copy.db"), &sql))
    }

    fn check_whole(&self, place: &Place) {
        let sum = "SELECT CAST(sum(amount) AS TEXT) FROM account";
        sum_is_whole(look(&place.file("copy.db"), sum).as_deref());
    }

    fn take_away(&self, place: &Place) {
        for file in ["copy.db", "copy.db-wal", "copy.db-shm"] {
            let removed = std::fs::remove_file(place.file(file));
            assert!(removed.is_ok() || file != "copy.db", "{removed:?}");
        }
    }

    fn hold(&self, place: &Place) -> Option<Box<dyn Any>> {
        self.checkpoint(place)?;
        let mut writer = Writer::start(&place.file("copy.db"));
        writer.write("BEGIN IMMEDIATE;\n");
        Some(Box::new(writer))
    }
}
