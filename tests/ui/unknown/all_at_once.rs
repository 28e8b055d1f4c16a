// All mistakes of a type are told at once.
use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(tabel = "readings", traking = "only_pk")]
struct Reading {
    #[dozer(pk)]
    station: String,
    #[dozer(nullable, rename = "temp_c")]
    temperature: f64,
}

fn main() {}
