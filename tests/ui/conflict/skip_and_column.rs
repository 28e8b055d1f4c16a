// A skipped field is no column, so it has no name as one.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Session {
    user: String,
    #[dozer(skip, column = "session_token")]
    token: String,
}

fn main() {}
