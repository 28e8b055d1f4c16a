use connector_core::DozerSource;

#[derive(DozerSource)]
struct Station {
    #[dozer(column = "station_name")]
    name: String,
}

fn main() {}
