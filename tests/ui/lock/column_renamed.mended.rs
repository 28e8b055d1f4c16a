use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(table = "readings", lock = "dozer.lock")]
struct Reading {
    station: String,
    #[dozer(column = "temp_c")]
    temperature: Option<f64>,
}

fn main() {}
