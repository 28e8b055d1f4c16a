// `column` says the name that the lock file has.
use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(table = "readings", lock = "dozer.lock")]
struct Reading {
    station: String,
    #[dozer(column = "temp_f")]
    temperature: Option<f64>,
}

fn main() {}
