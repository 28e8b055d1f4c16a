// A skipped field is its type's default without being told.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Session {
    user: String,
    #[dozer(skip, default)]
    requests: u64,
}

fn main() {}
