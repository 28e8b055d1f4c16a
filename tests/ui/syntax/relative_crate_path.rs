use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(crate = connector_core)]
struct Row {
    a: u8,
}

fn main() {}
