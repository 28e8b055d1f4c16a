use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(rename_all = "camelCase")]
struct Reading {
    taken_at: u64,
}

fn main() {}
