//! The suite of every connector, over a file of its own for each check.

use super::*;
use connector_conformance::{Capabilities, Change, Fixture};

struct Stations(tempfile::NamedTempFile);

impl Fixture for Stations {
    type Connector = Weather;
    fn capabilities() -> Capabilities {
        Capabilities::rows::<Reading>()
    }
    fn open(_: &[TableInfo]) -> Self {
        Self(tempfile::NamedTempFile::new().unwrap())
    }
    fn connector(&self) -> Weather {
        let path = ConfigPath::new(self.0.path());
        Weather { path }
    }
    fn apply(&self, transaction: &[Change]) {
        for new in transaction.iter().filter_map(Change::inserted::<Reading>) {
            let (at, degrees) = (new.taken_at, new.temperature.map(|it| it.to_string()));
            let (degrees, tags) = (degrees.unwrap_or_default(), new.tags.join(","));
            let line = format!("{};{at};{degrees};{tags}\n", new.station);
            std::io::Write::write_all(&mut self.0.as_file(), line.as_bytes()).unwrap();
        }
    }
}

connector_conformance::suite!(Stations);
