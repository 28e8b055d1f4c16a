use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(tracking = "full", rename_all = "camelcase")]
struct Full {
    a: u8,
}

#[derive(DozerSource)]
#[dozer(tracking = "sometimes", rename_all = "reversed")]
struct Sometimes {
    a: u8,
}

fn main() {}
