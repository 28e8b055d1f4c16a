use connector_core::DozerSource;

#[derive(DozerSource)]
struct Reading {
    #[dozer(json)]
    tags: Vec<String>,
    #[dozer(primary_key)]
    station: String,
}

fn main() {}
