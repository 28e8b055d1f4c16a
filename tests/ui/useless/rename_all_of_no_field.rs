// `rename_all` renames the columns that have no name of their own.
use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(rename_all = "camelCase")]
struct Reading {
    #[dozer(column = "station_id")]
    station: String,
    #[dozer(column = "time")]
    taken_at: u64,
}

fn main() {}
