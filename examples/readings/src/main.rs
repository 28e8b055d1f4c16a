//! A connector for weather stations that write their readings into a text file.

use std::io::{BufRead, BufReader};

use connector_core::prelude::*;

/// A reading taken by one station.
#[derive(Debug, Clone, DozerSource)]
#[dozer(table = "readings")]
struct Reading {
    #[dozer(primary_key)]
    station: String,
    #[dozer(primary_key)]
    taken_at: Timestamp,
    /// Degrees Celsius.
    #[dozer(column = "temp_c")]
    temperature: Option<f64>,
    /// What the observer noted.
    #[dozer(json)]
    tags: Vec<String>,
}

/// Reads the files of weather stations: `station;time;degrees;tag,tag`.
#[derive(Debug, Deserialize, ConnectorConfig)]
struct Weather {
    /// The file that the stations write.
    path: ConfigPath,
}

impl Source for Weather {
    fn get_tables(&self) -> Result<Vec<TableInfo>> {
        Ok(Reading::tables())
    }

    fn changes(&self, _request: &ChangeRequest) -> Result<impl ChangeStream> {
        let lines = BufReader::new(std::fs::File::open(&self.path)?).lines();
        Ok(lines.map(|line| Ok(Event::insert(parse(&line?)?))))
    }
}

fn parse(line: &str) -> Result<Reading> {
    let [station, time, degrees, tags] = line.split(';').collect::<Vec<_>>()[..] else {
        return Err(Error::source(format!("`{line}` does not have four parts")));
    };
    let temperature = Some(degrees).filter(|text| !text.is_empty());
    Ok(Reading {
        station: station.to_owned(),
        taken_at: time.parse().map_err(Error::source)?,
        temperature: temperature
            .map(str::parse)
            .transpose()
            .map_err(Error::source)?,
        tags: tags.split_terminator(',').map(str::to_owned).collect(),
    })
}

fn main() -> std::process::ExitCode {
    connector_cli::main_with(|registry| registry.connector::<Weather>())
}

#[cfg(test)]
mod tests;
