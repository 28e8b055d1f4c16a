use connector_core::DozerSource;

#[derive(DozerSource)]
struct Reading {
    #[dozer(json)]
    tags: Vec<String>,
}

fn main() {}
