// A key that is on when it is written takes no value.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Session {
    user: String,
    #[dozer(skip = true)]
    token: String,
}

fn main() {}
