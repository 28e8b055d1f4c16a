use connector_core::DozerSource;

type Id = u64;

#[derive(DozerSource)]
struct Row {
    #[dozer(primary_key)]
    id: Id,
}

fn main() {}
