use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(table = "a", table = "b")]
#[dozer(schema = "s")]
#[dozer(schema = "s")]
struct Row {
    #[dozer(primary_key, primary_key)]
    a: u8,
}

fn main() {}
