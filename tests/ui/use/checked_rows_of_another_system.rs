// A row struct with `types` is checked against the source of these types.
use connector_core::prelude::*;
use connector_sqlite::SqliteType;

#[derive(Debug, DozerSource)]
#[dozer(types = SqliteType)]
struct Station {
    name: String,
}

#[derive(Debug, Clone)]
struct Weather;

impl Source for Weather {
    fn get_tables(&self) -> Result<Vec<TableInfo>> {
        Ok(Station::tables())
    }

    fn changes(&self, _: &ChangeRequest) -> Result<impl ChangeStream> {
        Ok(std::iter::empty::<Result<Event<Station>>>())
    }
}

fn fits(weather: &Weather) -> Result<bool> {
    Ok(weather.check_rows::<Station>()?.is_empty())
}

fn main() {}
