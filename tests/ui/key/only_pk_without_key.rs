// `tracking = "only_pk"` needs a primary key.
use connector_core::DozerSource;

#[derive(DozerSource)]
#[dozer(tracking = "only_pk")]
struct Station {
    name: String,
}

fn main() {}
