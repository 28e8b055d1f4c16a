// A column that `rename_all` names is not named like another one.
use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(rename_all = "camelCase")]
struct Reading {
    taken_at: u64,
    #[dozer(column = "takenAt")]
    stored: u64,
}

fn main() {}
