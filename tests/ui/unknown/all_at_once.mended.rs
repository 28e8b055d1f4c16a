use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(table = "readings", tracking = "only_pk")]
struct Reading {
    #[dozer(primary_key)]
    station: String,
    #[dozer(column = "temp_c")]
    temperature: Option<f64>,
}

fn main() {}
