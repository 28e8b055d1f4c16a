// A column that `rename_all` names needs no name of its own.
use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(rename_all = "camelCase")]
struct Reading {
    station_name: String,
    #[dozer(column = "takenAt")]
    taken_at: u64,
}

fn main() {}
