use connector_core::prelude::*;

#[derive(Debug, DozerSource)]
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

fn names(weather: &Weather) -> Result<Vec<String>> {
    weather.rows::<Station>()?.map(|row| Ok(row?.name)).collect()
}

fn main() {}
