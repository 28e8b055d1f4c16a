// A nullable column is read into an `Option`, whatever it is called.
use connector_core::DozerSource;

type Celsius = f64;

#[derive(DozerSource)]
#[dozer(table = "readings", lock = "dozer.lock")]
struct Reading {
    station: String,
    temp_c: Celsius,
}

fn main() {}
