use connector_core::DozerSource;

#[derive(DozerSource)]
struct Reading {
    id: u8,
}

#[derive(DozerSource)]
#[dozer(table = "reading")]
struct Other {
    id: u8,
}

#[derive(DozerSource)]
enum Inner {
    Readings(Reading),
}

#[derive(DozerSource)]
enum Nested {
    Inner(Inner),
}

#[derive(DozerSource)]
enum SameTable {
    Readings(Reading),
    Others(Other),
}

fn main() {}
