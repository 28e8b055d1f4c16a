// A connector that is registered derives `ConnectorConfig`.
use connector_core::prelude::*;
use connector_core::registry::Registry;

#[derive(Debug, Deserialize)]
struct Weather {
    url: String,
}

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

fn connectors(registry: Registry) -> Registry {
    registry.connector::<Weather>()
}

fn main() {}
