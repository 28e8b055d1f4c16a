use connector_core::DozerSource;

#[derive(DozerSource)]
struct Session {
    user: String,
    #[dozer(skip)]
    requests: u64,
}

fn main() {}
