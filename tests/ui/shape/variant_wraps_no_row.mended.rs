use connector_core::DozerSource;

#[derive(DozerSource)]
struct Station {
    id: u64,
}

#[derive(DozerSource)]
enum Tables {
    Stations(Station),
}

fn main() {}
