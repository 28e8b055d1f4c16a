// A source can be printed for the log.
use connector_core::prelude::*;

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

fn main() {}
