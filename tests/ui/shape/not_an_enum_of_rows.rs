use connector_core::DozerSource;

#[derive(DozerSource)]
struct Reading {
    id: u8,
}

#[derive(DozerSource)]
enum Tables {
    Readings(Reading),
    Nothing,
    Two(Reading, Reading),
    Named { row: Reading },
    Again(Reading),
    #[dozer(table = "x")]
    Attributed(u8),
}

#[derive(DozerSource)]
enum Empty {}

fn main() {}
