// A nullable column is read into an `Option`.
use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(table = "readings", lock = "dozer.lock")]
struct Reading {
    station: String,
    temp_c: f64,
}

fn main() {}
