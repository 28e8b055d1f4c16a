use connector_core::DozerSource;

#[derive(DozerSource)]
struct Station {
    #[dozer(primary_key)]
    name: String,
}

fn main() {}
