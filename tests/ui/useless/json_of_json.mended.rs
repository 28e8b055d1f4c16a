use connector_core::DozerSource;

#[derive(DozerSource)]
struct Event {
    payload: serde_json::Value,
}

fn main() {}
