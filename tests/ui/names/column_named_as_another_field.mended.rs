use connector_core::DozerSource;

#[derive(DozerSource)]
struct Reading {
    station: String,
    #[dozer(column = "station_code")]
    code: u32,
}

fn main() {}
