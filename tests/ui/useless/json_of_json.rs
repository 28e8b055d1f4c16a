// A JSON value is a JSON column without being told.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Event {
    #[dozer(json)]
    payload: serde_json::Value,
}

fn main() {}
