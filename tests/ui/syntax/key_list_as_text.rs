// The fields of a key are listed in parentheses.
use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(primary_key = "station, taken_at")]
struct Reading {
    station: String,
    taken_at: u64,
}

fn main() {}
