use connector_core::DozerSource;

#[derive(DozerSource)]
struct Reading {
    #[dozer(column = "station_id")]
    station: String,
    #[dozer(column = "time")]
    taken_at: u64,
}

fn main() {}
