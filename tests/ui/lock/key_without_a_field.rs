// A key has a field for each of its columns.
use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(table = "readings", lock = "dozer.lock")]
struct Reading {
    #[dozer(primary_key)]
    station: String,
    temp_c: Option<f64>,
}

fn main() {}
