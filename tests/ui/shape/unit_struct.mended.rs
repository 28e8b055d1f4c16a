use connector_core::DozerSource;

#[derive(DozerSource)]
struct Heartbeat {
    at: u64,
}

fn main() {}
