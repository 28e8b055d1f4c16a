// A field's type reads its column's type.
use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(table = "readings", lock = "dozer.lock")]
struct Reading {
    station: String,
    taken_at: i64,
}

fn main() {}
