use connector_core::DozerSource;

type Celsius = Option<f64>;

#[derive(DozerSource)]
#[dozer(table = "readings", lock = "dozer.lock")]
struct Reading {
    station: String,
    temp_c: Celsius,
}

fn main() {}
