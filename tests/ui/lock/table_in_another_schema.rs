// A locked row is in the schema that the lock file has.
use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(table = "orders", schema = "public", lock = "dozer.lock")]
struct Order {
    id: i64,
}

fn main() {}
