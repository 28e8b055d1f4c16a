// A listed key names fields, not columns.
use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(primary_key(station_id))]
struct Reading {
    #[dozer(column = "station_id")]
    station: String,
}

fn main() {}
