//! The suite of every connector, over a file of its own for each check.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::Write;

use connector_conformance::{Capabilities, Change, Fixture, typed};
use connector_core::Field;

use super::*;

struct Stations(tempfile::NamedTempFile);

impl Fixture for Stations {
    type Connector = Weather;

    fn capabilities() -> Capabilities {
        Capabilities::tables(Reading::tables())
    }

    fn open(_: &[TableInfo]) -> Self {
        Self(tempfile::NamedTempFile::new().unwrap())
    }

    fn connector(&self) -> Weather {
        Weather { path: ConfigPath::new(self.0.path()) }
    }

    fn apply(&self, transaction: &[Change]) {
        for change in transaction {
            let Change::Insert { row, .. } = change else { continue };
            let Reading { station, taken_at, temperature, tags } = typed(row);
            let degrees = temperature.map_or_else(String::new, |degrees| degrees.to_string());
            writeln!(&self.0, "{station};{taken_at};{degrees};{}", tags.join(",")).unwrap();
        }
    }

    fn holds(column: &ColumnInfo, value: &Field) -> bool {
        column.name != "tags" || matches!(value, Field::Json(json) if json.starts_with("[\""))
    }

    fn sample(column: &ColumnInfo, number: u64) -> Field {
        match &*column.name {
            "tags" => Field::Json(format!("[\"tag {number}\"]")),
            _ => connector_conformance::sample(column, number),
        }
    }
}

connector_conformance::suite!(Stations);
