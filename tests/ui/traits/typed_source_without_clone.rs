// A source whose rows are read typed is cloned into a thread of its own.
use connector_core::prelude::*;

#[derive(Debug)]
struct Weather;

impl Source for Weather {
    fn get_tables(&self) -> Result<Vec<TableInfo>> {
        Ok(Station::tables())
    }

    fn changes(&self, _: &ChangeRequest) -> Result<impl ChangeStream> {
        Ok(std::iter::empty::<Result<Event<Station>>>())
    }
}

#[derive(DozerSource)]
struct Station {
    name: String,
}

fn read(weather: &Weather) -> Result<()> {
    let mut rows = weather.rows::<Station>()?;
    rows.lend::<Station>()?;
    Ok(())
}

fn main() {}
