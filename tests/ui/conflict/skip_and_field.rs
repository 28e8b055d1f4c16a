// A skipped field is no column, so it has no type as one.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Session {
    user: String,
    #[dozer(skip, field = Text)]
    token: String,
}

fn main() {}
