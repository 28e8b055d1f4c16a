use connector_core::DozerSource;
use connector_sqlite::SqliteType;

#[derive(DozerSource)]
#[dozer(types = SqliteType)]
struct Station {
    name: String,
}

fn main() {}
