// A row has at least one field that is a column.
use connector_core::DozerSource;

#[derive(DozerSource)]
struct Session {
    #[dozer(skip)]
    token: String,
    #[dozer(skip)]
    requests: u64,
}

fn main() {}
