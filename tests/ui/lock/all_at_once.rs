// All that differs from the lock file is told at once.
use connector_core::{Date as Day, DozerSource};

type Rain = f64;

#[derive(DozerSource)]
#[dozer(table = "readings", tracking = "full_changes", lock = "dozer.lock")]
struct Reading {
    #[dozer(primary_key)]
    station: u32,
    taken_at: Option<Day>,
    #[dozer(column = "temp")]
    temperature: f64,
    rain: Rain,
    wind: f64,
}

fn main() {}
