use connector_core::prelude::*;
use connector_sqlite::{Sqlite, SqliteType};

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

fn fits(file: &Sqlite) -> Result<bool> {
    Ok(file.check_rows::<Station>()?.is_empty())
}

fn main() {}
