use connector_core::DozerSource;

#[derive(DozerSource)]
struct Reading {
    station: String,
    #[dozer(column = "STATION_CODE")]
    code: u32,
}

fn main() {}
