// A rule is written in its own case.
use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(rename_all = "camel_case")]
struct Reading {
    taken_at: u64,
}

fn main() {}
