// Fields are in snake case, so there is nothing to rename.
use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(rename_all = "snake_case")]
struct Reading {
    taken_at: u64,
}

fn main() {}
