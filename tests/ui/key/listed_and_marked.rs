// A key is listed on the struct or marked on the fields, not both.
use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(primary_key(station, taken_at))]
struct Reading {
    #[dozer(primary_key)]
    station: String,
    taken_at: u64,
}

fn main() {}
