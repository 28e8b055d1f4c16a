//! A bounded source of the tests, made by the derives.

use connector_core::prelude::*;

/// A reading taken by one station.
#[derive(Debug, Clone, DozerSource)]
#[dozer(table = "readings")]
struct Reading {
    #[dozer(primary_key)]
    station: String,
    /// Degrees Celsius.
    temperature: Option<f64>,
}

/// Stations and their readings.
#[derive(Debug, Clone, Deserialize, ConnectorConfig)]
#[connector(name = "weather")]
pub(crate) struct Weather {
    /// How many stations there are.
    stations: u32,
    /// Opens the door.
    token: Option<Secret<String>>,
}

impl Source for Weather {
    fn get_tables(&self) -> Result<Vec<TableInfo>> {
        Ok(Reading::tables())
    }

    fn changes(&self, _request: &ChangeRequest) -> Result<impl ChangeStream> {
        let _ = self.token.as_ref().map(Secret::expose);
        let reading = |station| Reading {
            station: format!("station {station}"),
            temperature: (station % 2 == 0).then(|| f64::from(station)),
        };
        Ok((0..self.stations).map(move |station| Ok(Event::insert(reading(station)))))
    }
}
