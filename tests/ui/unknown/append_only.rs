// A table is append-only without being told.
use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(append_only)]
struct Line {
    text: String,
}

fn main() {}
