use connector_core::DozerSource;

#[derive(DozerSource)]
struct Reading {
    #[dozer(primary_key, column = "station_id")]
    station: String,
}

fn main() {}
