// A key column is not JSON.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Reading {
    #[dozer(primary_key, json)]
    tags: Vec<String>,
    station: String,
}

fn main() {}
