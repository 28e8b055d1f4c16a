use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(rename_all = "camelCase")]
struct Reading {
    station_name: String,
    taken_at: u64,
}

fn main() {}
