use connector_core::DozerSource;

#[derive(DozerSource)]
struct Session {
    token: String,
    #[dozer(skip)]
    requests: u64,
}

fn main() {}
