use connector_core::DozerSource;

#[derive(DozerSource)]
struct Reading {
    taken_at: u64,
}

fn main() {}
