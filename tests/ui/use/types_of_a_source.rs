// `types` names the column types of a system, not its source.
use connector_core::DozerSource;
use connector_sqlite::Sqlite;

#[derive(DozerSource)]
#[dozer(types = Sqlite)]
struct Station {
    name: String,
}

fn main() {}
