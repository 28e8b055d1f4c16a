// A field that is no column is marked `skip`.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Session {
    user: String,
    #[dozer(ignore)]
    token: String,
}

fn main() {}
