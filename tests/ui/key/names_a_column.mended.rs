use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(primary_key(station))]
struct Reading {
    #[dozer(column = "station_id")]
    station: String,
}

fn main() {}
