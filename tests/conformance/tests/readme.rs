//! The fixture that the README shows, over the connector of the project's README: both as they are printed there.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use connector_core::prelude::*;

/// A reading taken by one station.
#[derive(Debug, Clone, Deserialize, DozerSource)]
#[dozer(table = "readings")]
struct Reading {
    #[dozer(primary_key)]
    station: String,
    #[dozer(primary_key)]
    taken_at: Timestamp,
    /// Degrees Celsius.
    #[dozer(column = "temp_c")]
    temperature: Option<f64>,
    #[dozer(json)]
    tags: Vec<String>,
}

/// Reads the files of weather stations.
#[derive(Debug, Clone, Deserialize, ConnectorConfig)]
struct Weather {
    /// The file that the stations write.
    path: ConfigPath,
}

impl Source for Weather {
    fn get_tables(&self) -> Result<Vec<TableInfo>> {
        Ok(Reading::tables())
    }

    fn changes(&self, _request: &ChangeRequest) -> Result<impl ChangeStream> {
        let text = std::fs::read_to_string(&self.path)?;
        let readings: Vec<Reading> = serde_json::from_str(&text)?;
        Ok(readings
            .into_iter()
            .map(|reading| Ok(Event::insert(reading))))
    }
}

use connector_conformance::{Capabilities, Change, Fixture};
use connector_core::{ColumnInfo, Field};

struct File(tempfile::NamedTempFile);

impl Fixture for File {
    type Connector = Weather;

    fn capabilities() -> Capabilities {
        Capabilities::rows::<Reading>()
    }

    fn open(_: &[TableInfo]) -> Self {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "[]").unwrap();
        Self(file)
    }

    fn connector(&self) -> Weather {
        Weather {
            path: ConfigPath::new(self.0.path()),
        }
    }

    fn apply(&self, transaction: &[Change]) {
        let text = std::fs::read_to_string(self.0.path()).unwrap();
        let mut readings: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
        for new in transaction.iter().filter_map(Change::inserted::<Reading>) {
            readings.push(serde_json::json!({
                "station": new.station, "taken_at": new.taken_at.to_string(),
                "temperature": new.temperature, "tags": new.tags,
            }));
        }
        std::fs::write(self.0.path(), serde_json::to_vec(&readings).unwrap()).unwrap();
    }

    fn holds(_: &ColumnInfo, value: &Field) -> bool {
        !matches!(value, Field::Float(number) if !number.is_finite())
    }
}

connector_conformance::suite!(File);

/// A text without its white space: how lines are broken does not matter.
fn packed(text: &str) -> String {
    text.split_whitespace().collect()
}

#[test]
fn the_readmes_show_this_file() {
    let this = packed(include_str!("readme.rs"));
    let page = include_str!("../README.md");
    let project = include_str!("../../../README.md");
    let project = project.split("A connector for a JSON file of readings:");
    for (name, page) in [("the kit's", Some(page)), ("the project's", project.last())] {
        let block = page.and_then(|page| page.split("```rust\n").nth(1)?.split("```").next());
        let shown = block.map(packed).unwrap();
        assert!(
            shown.len() > 500 && this.contains(&shown),
            "the first example of {name} README is not the one of this test: {shown}"
        );
    }
}
